# The network goes away while an app is used, and comes back.
open /
see Home
= page_view / titled Home
offline
click Sign up
click Step
wait 400
click Sign up
wait 400
online
= signup /
= page_view /step from / titled Home
= signup /step
