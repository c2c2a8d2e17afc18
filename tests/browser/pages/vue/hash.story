# Vue Router in hash mode, with data-hash.
tag data-hash

open /hash/
see Ready
= page_view /hash/
click Team
= page_view /hash/team from /hash/ titled Team
click Account
see Log in
= page_view /hash/login from /hash/team titled Log in
click Search
= page_view /hash/search from /hash/login titled Search
click Bread
see For bread
back
see For milk
back
= page_view /hash/login from /hash/search titled Log in
reload
see Ready
= page_view /hash/login
