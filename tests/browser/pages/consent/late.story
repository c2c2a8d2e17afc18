# A consent banner loads the tracker when the visitor agrees; the page they are on counts then.

open /
see Accept
click Part
run history.pushState({}, '', '/consent/step')
wait 500
click Accept
= page_view /step titled Home
= offer /step {"plan": "pro"}
click About
see About us
= page_view /about from /step titled About us
click Home
see Home
= page_view / from /about titled Home
= offer / {"plan": "pro"}
