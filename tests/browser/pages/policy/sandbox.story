# A page in a sandbox has an origin of its own: no storage, no cookies, and still each event once.

open /sandbox
see Sandbox
= page_view /sandbox titled Sandbox
click Sign up
= signup /sandbox
run history.pushState({}, '', '/policy/sandbox#part')
wait 300
click Nonce
= page_view /nonce titled Nonce
