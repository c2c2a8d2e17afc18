# Pages that send the visitor on at once, by script or by a meta tag: the visitor was there, if briefly.
open /
see Home
= page_view / titled Home
click Mail
open /script
see Form
= page_view /about from /script titled About us
