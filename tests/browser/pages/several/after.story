# Plausible's tracker and another that wraps `history`, loaded after ours: each counts for itself.
browsers chromium firefox webkit
open /after
see Shop
= page_view /after titled Shop
click Cart
= page_view /after/cart from /after titled Shop
click Step
wait 300
click Sign up
= signup /after/cart
click Elsewhere
= outbound_link /after/cart {"url": "https://other.example/"}
click Send
= form_submit /after/cart {"url": "/after"}
back
back
= page_view /after from /after/cart titled Shop
