# Forms that the browser sends, and a reload of what came back.
browsers chromium firefox webkit

open /form
see Form
= page_view /form titled Form
fill message = Hi
click Send
see Sent
= form_submit /form {"url": "/send"}
= page_view /sent from /form titled Sent
reload
= page_view /sent from /form titled Sent
open /form
see Form
= page_view /form titled Form
fill q = milk
press q = Enter
see Bread
= form_submit /form {"url": "/search"}
= page_view /search?q=milk from /form titled Search
