# SvelteKit: prerendered and client-side pages, preloaded on hover, redirects, shallow routing.

open /
see Ready
= page_view / titled Home
hover Team
wait 200
click Team
= page_view /team from / titled Team
click Ada
= page_view /team/7 from /team titled Member 7
click Moved
= page_view /team from /team/7 titled Team
click Search
see For milk
= page_view /search?q=milk from /team titled Search
# SvelteKit handles forms that only change the query.
fill q = bread
click Find
see For bread
= form_submit /search?q=milk {"url": "/search?q=milk"}
back
see For milk
click Part
= page_view /long from /search?q=milk titled Long
click Photos
= page_view /shallow from /long titled Photos
# The address shows another page while this one stays: a view of its own.
click Photo
see Photo 1 in front
= page_view /team/8 from /shallow titled Photos
back
= page_view /shallow from /team/8 titled Photos
click Nowhere
= page_view /nowhere from /shallow
click Replace
= page_view /team from /nowhere titled Team
# The browser itself had loaded what is not there: back leads into the back-forward cache.
back
= page_view /shallow titled Photos
click Reload
see Ready
= page_view /team from /shallow titled Team
