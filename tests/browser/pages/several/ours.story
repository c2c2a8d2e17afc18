# Three tags of ours, one of them from another origin: each event once.

open /ours
see Shop
= page_view /ours titled Shop
click Cart
= page_view /ours/cart from /ours titled Shop
click Step
wait 300
click Sign up
= signup /ours/cart
click Elsewhere
= outbound_link /ours/cart {"url": "https://other.example/"}
click Send
= form_submit /ours/cart {"url": "/ours"}
back
back
= page_view /ours from /ours/cart titled Shop
