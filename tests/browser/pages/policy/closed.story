# Where the policy forbids the tracker, nothing is counted, and the page is as it was.
open /closed
see Closed
click Nonce
= page_view /nonce from /closed titled Nonce
