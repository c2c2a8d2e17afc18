# A visitor who does not wait for pages: each page they saw counts, in their order.
open /
see Ready
click Contact
click Ada
click Home
= page_view /
= page_view /contact from /
= page_view /team/7 from /contact
= page_view host:/react from /team/7
