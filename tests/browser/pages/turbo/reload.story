# A page that Turbo asks for, finds it wants a load of its own, and loads again: one view.
open /head/
see Home
= page_view /head/ titled Home
click Other layout
see Other layout
wait 500
= page_view /head/other from /head/ titled Other layout
