# React Router: each page once, with its own title, though effects run twice and data come late.
browsers chromium firefox webkit

open /
see Ready
= page_view /

click Team
see Ada, Grace
= page_view /team from /
click Ada
= page_view /team/7 from /team

# A loader that redirects.
click Moved
= page_view /team from /team/7 titled Team
click Contact
= page_view /contact from /team titled Contact

# React Router handles the form and redirects.
fill message = Hello
click Send
see Thanks
= form_submit /contact {"url": "/contact"}
= page_view /thanks from /contact titled Thanks
click Lazy
= page_view /lazy from /thanks titled Lazy
click Sign up
= signup /lazy {"plan": "pro"}

# Queries and fragments are no pages.
click List
= page_view /list?sort=name from /lazy titled List
click By age
see Sorted by age
click By height
see Sorted by height
back
see Sorted by name
click Part
= page_view /long from /list?sort=name titled Long
click End
run history.back()
wait 300

# A route that does not exist.
click Nowhere
= page_view /nowhere from /long titled Not found
back
= page_view /long from /nowhere titled Long
forward
= page_view /nowhere from /long titled Not found
click Replace
= page_view /team from /nowhere titled Team

# A deep link, and a reload.
reload
see Ada, Grace
# As it was loaded at first: without a referrer.
= page_view /team
