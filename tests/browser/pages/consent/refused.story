# Without consent nothing is sent, whatever the page says; the next page asks again.
open /
see Accept
click Reject
click About
see Accept
wait 300
click Accept
= page_view /about from / titled About us
