# htmx 2 swaps bodies (hx-boost) and parts of pages (hx-push-url, hx-replace-url).

open /
see Home
= page_view / titled Home
click About
see About us
= page_view /about from / titled About us
click Moved
wait 300
click Form
= page_view /form from /about titled Form
fill message = Hi
click Send
see Sent
= form_submit /form {"url": "/sent"}
= page_view /sent?message=Hi from /form titled Sent
click Tabs
= page_view /tabs from /sent?message=Hi titled Tabs
click One
see Tab one
= page_view /tabs/one from /tabs titled Tabs
click Two
see Tab two
click Three
= page_view /tabs/three from /tabs/one titled Tabs
back
= page_view /tabs from /tabs/three titled Tabs
click Plain
= page_view /plain from /tabs titled Plain
back
# From the back-forward cache, as it was loaded once: without a referrer.
= page_view /tabs titled Tabs
