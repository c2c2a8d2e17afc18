// As many trackers do: methods of `history` are replaced by functions of their own, some twice, one
// of which is frozen afterwards, and a listener that stops clicks before they reach what was clicked.
const wrap = name => {
  const original = history[name]
  history[name] = function (state, title, url) {
    const answer = original.apply(this, arguments)
    dispatchEvent(new CustomEvent('another-tracker', { detail: url }))
    return answer
  }
}
wrap('pushState')
wrap('replaceState')
wrap('pushState')
addEventListener('another-tracker', () => { window.others = (window.others || 0) + 1 })
document.addEventListener('click', event => { if (event.target.closest('[data-stop]')) event.stopImmediatePropagation() }, true)
