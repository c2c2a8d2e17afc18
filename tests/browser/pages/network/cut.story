# Answers are cut off for a while: nothing is lost from page to page.
browsers chromium firefox webkit

collector cut
open /
see Home
click Sign up
wait 200
click About
see About us
wait 200
collector ok
click Home
see Step
= page_view / titled Home
= signup /
= page_view /about from / titled About us
= page_view / from /about titled Home
