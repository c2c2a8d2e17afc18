# An ad blocker blocks requests to /events: what was not sent goes to an endpoint that is not blocked.
block **/events

open /
see Home
click Sign up
wait 300
click Own names
= page_view / titled Home
= signup /
= page_view /own from / titled Own names
