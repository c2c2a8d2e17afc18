# A collector that does not answer for seconds holds nothing up, and counts nothing twice.
browsers chromium firefox webkit

collector hold
open /
see Home
click Sign up
click About
see About us
click Sign up
wait 300
collector ok
~ page_view / titled Home
~ signup /
~ page_view /about from / titled About us
~ signup /about
