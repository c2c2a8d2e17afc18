# The tab is closed while the collector is in trouble: a beacon carries what has no answer yet.
browsers chromium firefox webkit

collector 503
open /
see Home
wait 300
click Sign up
wait 300
collector ok
close
= page_view / titled Home
= signup /
