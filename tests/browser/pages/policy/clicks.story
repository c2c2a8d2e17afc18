# Pages with strict policies: the tracker needs script-src for itself and connect-src for its collector, nothing else.
browsers chromium firefox webkit

open /nonce
see Nonce
= page_view /nonce titled Nonce
click Sign up
= signup /nonce
click Dynamic
= page_view /dynamic from /nonce titled Dynamic
click Hash
= page_view /hash from /dynamic titled Hash
= early /hash
click Trusted
= page_view /trusted from /hash titled Trusted
run history.pushState({}, '', '/policy/trusted/more')
= page_view /trusted/more from /trusted
# No referrer is told from there: the policy forbids it.
click Nonce
= page_view /nonce titled Nonce
