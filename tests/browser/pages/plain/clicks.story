# Pages as they have always been.
browsers chromium firefox webkit

open /
see Home
= page_view / titled Home
click Part
wait 100
click Old
see About us
= page_view /about from / titled About us
click Home
= page_view / from /about titled Home
click Docs
see Docs
= page_view /docs/ from / titled Docs
click Home
see About
= page_view / from /docs/ titled Home
click Search
= page_view /search?q=milk from / titled Search
click Bread
= page_view /search?q=bread from /search?q=milk titled Search
click Home
= page_view / from /search?q=bread titled Home
click Nowhere
= page_view /nowhere from / titled Not found
click Home
= page_view / from /nowhere titled Home
click Elsewhere
see About us
= outbound_link / {"url": "other:/about"}
= page_view other:/about from host:/ titled About us
