# Astro's ClientRouter swaps pages inside view transitions and keeps the script tag of the head.

open /
see Home
= page_view / titled Home
hover Team
wait 200
click Team
= page_view /team from / titled Team
click Part
wait 300
click List
= page_view /list?sort=name from /team titled List
click By age
wait 300
click Form
see Send
= page_view /form from /list?sort=name titled Form
fill message = Hi
click Send
see Sent
= form_submit /form {"url": "/sent"}
= page_view /sent from /form titled Sent
click Replace
= page_view /team from /sent titled Team
back
= page_view /form from /team titled Form
click Moved
= page_view /team from /form titled Team
# Without a page to swap in, the router loads the address in the usual way.
click Nowhere
= page_view /nowhere from /team titled Not found
click Home
= page_view / from /nowhere titled Home
click Reload
= page_view /team from / titled Team
