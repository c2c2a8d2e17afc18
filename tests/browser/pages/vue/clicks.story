# Vue Router: each page once, whatever a guard, a redirect or an alias does on the way.

open /
see Ready
= page_view /

click Team
= page_view /team from / titled Team
# The component stays and gets other parameters.
click Ada
= page_view /team/7 from /team titled Member
click Grace
= page_view /team/8 from /team/7 titled Member
click Crew
= page_view /team from /team/8 titled Team
click We
= page_view /we from /team titled We
click Account
see Log in
= page_view /login?next=/account from /we titled Log in
# Navigation that a guard cancels is none.
click Forbidden
wait 300
click Lazy
= page_view /lazy from /login?next=/account titled Lazy
click Sign up
= signup /lazy {"plan": "pro"}
click Search
see For milk
= page_view /search?q=milk from /lazy titled Search
click Bread
see For bread
back
see For milk
click Nowhere
= page_view /nowhere from /search?q=milk titled Not found
back
= page_view /search?q=milk from /nowhere titled Search
click Replace
= page_view /team from /search?q=milk titled Team
# The page that is shown already.
click Team
wait 300
reload
see Ready
# As it was loaded at first: without a referrer.
= page_view /team
