// Building the page. Text goes in as text nodes, never as markup, so that a hostile page title
// is only ever read; sizes are set through the CSSOM, which the Content-Security-Policy allows.

// Make an element: attributes by name, `onclick` and the like as listeners, then its children.
export const h = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag)
  setAttributes(element, attributes)
  element.append(...children.flat().filter((child) => child !== null && child !== undefined))
  return element
}

export const setAttributes = (element, attributes) => {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value)
    else if (value === null || value === undefined || value === false)
      element.removeAttribute(name)
    else element.setAttribute(name, value === true ? '' : value)
  }
}

const SVG = 'http://www.w3.org/2000/svg'

// One of the symbols of dashboard.html; decoration, so the text beside it says what it means.
export const icon = (name) => {
  const picture = document.createElementNS(SVG, 'svg')
  picture.setAttribute('class', 'icon')
  picture.setAttribute('aria-hidden', 'true')
  const use = document.createElementNS(SVG, 'use')
  use.setAttribute('href', `#i-${name}`)
  picture.append(use)
  return picture
}

// A button that is only a symbol; the label says what it does.
export const iconButton = (name, label, onclick, attributes = {}) =>
  h(
    'button',
    {
      type: 'button',
      class: `icon-button ${name}`,
      'aria-label': label,
      title: label,
      onclick,
      ...attributes,
    },
    icon(name),
  )

export const byId = (id) => document.getElementById(id)

// Change a text only when it differs, so that nothing is selected away or read out twice.
export const setText = (element, text) => {
  if (element.textContent !== text) element.textContent = text
}

// Make the children of a list match its items, keeping the element of each key: focus and motion
// survive. `create(item)` makes an element, `update(element, item, index)` fills it. Returns
// whether the focused element had to go.
export const reconcile = (parent, items, { key, create, update }) => {
  const focused = parent.contains(document.activeElement) ? document.activeElement : null
  const known = new Map([...parent.children].map((child) => [child.dataset.key, child]))
  const wanted = items.map((item, index) => {
    const name = String(key(item))
    const element = known.get(name) ?? create(item)
    known.delete(name)
    element.dataset.key = name
    update(element, item, index)
    return element
  })
  const lostFocus =
    focused !== null && [...known.values()].some((child) => child.contains(focused))
  known.forEach((child) => child.remove())
  wanted.forEach((element, index) => {
    if (parent.children[index] !== element)
      parent.insertBefore(element, parent.children[index] ?? null)
  })
  if (focused && !lostFocus && focused !== document.activeElement)
    focused.focus({ preventScroll: true })
  return lostFocus
}

// Say it to those who do not see it.
export const announce = (text) => {
  const announcer = byId('announcer')
  announcer.textContent = ''
  setTimeout(() => (announcer.textContent = text), 50)
}

// One tooltip for all: shown on hover and focus, gone on Escape. Those who do not see it have
// the same text through aria-describedby or aria-label of the element.
let bubble = null
export const showTip = (target, ...content) => {
  bubble ??= document.body.appendChild(
    h('div', { class: 'tip', popover: 'manual', 'aria-hidden': 'true' }),
  )
  bubble.replaceChildren(...content)
  if (!bubble.matches(':popover-open')) bubble.showPopover()
  const place = target.getBoundingClientRect()
  const width = bubble.offsetWidth
  const left = Math.max(
    8,
    Math.min(
      place.left + place.width / 2 - width / 2,
      document.documentElement.clientWidth - width - 8,
    ),
  )
  const above = place.top - bubble.offsetHeight - 8
  bubble.style.left = `${left}px`
  bubble.style.top = `${above > 8 ? above : place.bottom + 8}px`
}
document.addEventListener('keydown', (event) => event.key === 'Escape' && hideTip())
export const hideTip = () => bubble?.matches(':popover-open') && bubble.hidePopover()
export const tipOn = (element, content) => {
  const show = () => showTip(element, ...[content()].flat())
  setAttributes(element, {
    onmouseenter: show,
    onfocus: () => element.matches(':focus-visible') && show(),
    onmouseleave: hideTip,
    onblur: hideTip,
  })
}

// Add a stylesheet once and wait until it counts; without it the page is plain, not broken.
export const addStyles = (name) =>
  document.querySelector(`link[href="static/${name}"]`)
    ? Promise.resolve()
    : new Promise((done) =>
        document.head.append(
          h('link', { rel: 'stylesheet', href: `static/${name}`, onload: done, onerror: done }),
        ),
      )
