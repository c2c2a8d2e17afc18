# Plausible's tracker and another that wraps `history`, loaded before ours: each counts for itself.
open /before
see Shop
= page_view /before titled Shop
click Cart
= page_view /before/cart from /before titled Shop
click Step
wait 300
click Sign up
= signup /before/cart
click Elsewhere
= outbound_link /before/cart {"url": "https://other.example/"}
click Send
= form_submit /before/cart {"url": "/before"}
back
back
= page_view /before from /before/cart titled Shop
