# The collector has stored the events, but its answers get lost: what is sent again counts once.
browsers chromium firefox webkit

collector lost
open /
see Home
click Sign up
wait 300
click About
see About us
wait 300
collector ok
click Sign up
= page_view / titled Home
= signup /
= page_view /about from / titled About us
= signup /about
