# Turbo Drive, with the tracker's tag in the body, where Turbo runs it again with each page.
browsers chromium firefox webkit

open /body/
see Home
= page_view /body/ titled Home
click About
= page_view /body/about from /body/ titled About us
# A preview from Turbo's cache comes first, then the page itself.
click Home
= page_view /body/ from /body/about titled Home
click About
= page_view /body/about from /body/ titled About us
click Team
wait 300
click Form
= page_view /body/form from /body/about titled Form
fill message = Hi
click Send
see Sent
= form_submit /body/form {"url": "/body/send"}
= page_view /body/sent from /body/form titled Sent
# A frame is a part of a page, unless it advances the address.
click Frame
= page_view /body/frame from /body/sent titled Frame
click One
see Tab one
click Two
see Page two
= page_view /body/two from /body/frame titled Two
back
= page_view /body/frame from /body/two titled Frame
click Replace
= page_view /body/replaced from /body/frame titled Replaced
click Nowhere
= page_view /body/nowhere from /body/replaced titled Not found
click Plain
= page_view /body/plain from /body/nowhere titled Plain
