# Turbo Drive, with the tracker's tag in the head.

open /head/
see Home
= page_view /head/ titled Home
click About
= page_view /head/about from /head/ titled About us
# A preview from Turbo's cache comes first, then the page itself.
click Home
= page_view /head/ from /head/about titled Home
click About
= page_view /head/about from /head/ titled About us
click Team
wait 300
click Form
= page_view /head/form from /head/about titled Form
fill message = Hi
click Send
see Sent
= form_submit /head/form {"url": "/head/send"}
= page_view /head/sent from /head/form titled Sent
# A frame is a part of a page, unless it advances the address.
click Frame
= page_view /head/frame from /head/sent titled Frame
click One
see Tab one
click Two
see Page two
= page_view /head/two from /head/frame titled Two
back
= page_view /head/frame from /head/two titled Frame
click Replace
= page_view /head/replaced from /head/frame titled Replaced
click Nowhere
= page_view /head/nowhere from /head/replaced titled Not found
click Plain
= page_view /head/plain from /head/nowhere titled Plain
