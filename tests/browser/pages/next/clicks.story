# Next.js, app router: prefetched pages, and its own replaceState after each load.

open /
see Ready
= page_view / titled Home
hover Team
click Team
= page_view /team from /
click Ada
= page_view /team/7 from /team
click List
see Sorted by name
= page_view /list?sort=name from /team/7
click By age
see Sorted by age
click By height
see Sorted by height
back
see Sorted by name
click Part
= page_view /long from /list?sort=name
# Next.js asks for /next.txt, which a static host does not have, and then loads the page instead.
click Home
= page_view / from /long
click Nowhere
see Not found
= page_view /nowhere from /
click Replace
see Team
= page_view /team from /nowhere
# The 404 page had been loaded by the browser itself, from the home page.
reload
see Ready
= page_view /team from / titled Team
