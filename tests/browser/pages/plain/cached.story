# The back-forward cache brings pages back as they were, with their tracker in them.
browsers chromium firefox webkit

open /
see Home
run (window.was_here = 1)
= page_view / titled Home
click About
see Form
= page_view /about from / titled About us
run (window.was_here = 1)
back
see Nowhere
= page_view / titled Home
forward
see Form
= page_view /about from / titled About us
back
see Nowhere
= page_view / titled Home
run was_here.toString()
# From there it goes on as from any page.
click Docs
see Docs
= page_view /docs/ from / titled Docs
