# The back-forward cache brings pages back as they were, with their tracker in them.
browsers chromium firefox webkit
back-forward cache

open /
see Home
run (document.body.dataset.seen = 1)
= page_view / titled Home
click About
see Form
= page_view /about from / titled About us
run (document.body.dataset.seen = 1)
back
see Nowhere
= page_view / titled Home
forward
see Form
= page_view /about from / titled About us
back
see Nowhere
= page_view / titled Home
run document.body.dataset.seen.toString()
# From there it goes on as from any page.
click Docs
see Docs
= page_view /docs/ from / titled Docs
