import htmx from 'htmx.org'

window.htmx = htmx
document.documentElement.dataset.htmx = htmx.version
