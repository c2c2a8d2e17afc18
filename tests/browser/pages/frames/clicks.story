# Frames of this origin, of another and of none, each with a tag of its own, count for themselves.
open /
in same see Inside
in other see Inside
in closed see Inside
wait 300
~ page_view / titled Outside
~ page_view /inner from / titled Inside
~ page_view other:/inner from host:/ titled Inside
~ page_view /inner from / titled Inside
