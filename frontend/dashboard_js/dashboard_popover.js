// A popover below its button. Escape and a click elsewhere close it, and focus goes back.

import { h } from './dashboard_dom.js'

// Open one with this content, in place of any other, and go to what is chosen in it.
export const openPopover = (button, label, ...content) => {
  document.querySelector('.menu')?.remove()
  const menu = h(
    'div',
    {
      class: 'menu',
      popover: '',
      role: 'dialog',
      'aria-label': label,
      onkeydown: moveWithArrows,
    },
    ...content,
  )
  menu.addEventListener(
    'toggle',
    (event) => event.newState === 'closed' && setTimeout(() => menu.remove()),
  )
  button.after(menu)
  openBelow(menu, button)
  const first =
    menu.querySelector('[autofocus], [aria-current], [aria-checked="true"]') ??
    menu.querySelector('button, input, select, textarea')
  first?.focus()
  return menu
}

const moveWithArrows = (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (!step || !event.target.matches('.menu-item')) return
  event.preventDefault()
  const items = [...event.currentTarget.querySelectorAll('.menu-item')]
  items[(items.indexOf(event.target) + step + items.length) % items.length].focus()
}

export const menuItem = (text, action, { isChosen = false, key = '' } = {}) =>
  h(
    'button',
    {
      type: 'button',
      class: 'menu-item',
      'aria-current': isChosen ? 'true' : null,
      onclick: (event) => {
        event.currentTarget.closest('.menu').hidePopover()
        action()
      },
    },
    h('span', {}, text),
    key ? h('kbd', { 'aria-hidden': 'true' }, key) : null,
  )

// Open a popover below its button, inside the window.
const openBelow = (popover, button) => {
  popover.showPopover()
  const place = button.getBoundingClientRect()
  const room = document.documentElement.clientWidth
  popover.style.left = `${Math.max(8, Math.min(place.left, room - popover.offsetWidth - 8))}px`
  popover.style.top = `${place.bottom + 6}px`
  button.setAttribute('aria-expanded', 'true')
  popover.addEventListener('toggle', (event) => {
    if (event.newState === 'closed') button.setAttribute('aria-expanded', 'false')
  })
}
