# An ad blocker blocks tracker.js: the page works, and the same script under another name counts.
block **/tracker.js

open /
see Home
click Sign up
click About
see About us
click Own names
= page_view /own from /about titled Own names
click Sign up
= signup /own
