// Small signs before a name: a flag, a device, a letter on a colour of its own.

import { h, icon } from './dashboard_dom.js'
import { flag } from './dashboard_texts.js'

// A small sign before a name: a flag, a device, or the first letter of a source.
export const mark = (dimension, value) => {
  if (!value)
    return dimension === 'country' || dimension === 'device' || dimension === 'source'
      ? h('span', { class: 'mark' }, icon('globe'))
      : null
  if (dimension === 'country' || dimension === 'region') return countryMark(value.slice(0, 2))
  if (dimension === 'device')
    return h(
      'span',
      { class: 'mark' },
      icon(['mobile', 'tablet'].includes(value) ? value : 'desktop'),
    )
  if (dimension === 'source') return monogram(value)
  return null
}

export const countryMark = (code) =>
  h(
    'span',
    { class: 'mark', 'aria-hidden': 'true' },
    hasFlags() ? flag(code) : h('span', { class: 'code' }, code),
  )

// A letter on a colour that is always the same for the same name.
export const monogram = (name) => {
  const letter = h('span', { class: 'monogram' }, [...name][0].toUpperCase())
  paint(letter, name)
  return h('span', { class: 'mark', 'aria-hidden': 'true' }, letter)
}
export const paint = (element, name) => {
  const hue = [...name].reduce(
    (sum, letter) => (sum * 67 + letter.codePointAt(0) * 131) % 359,
    7,
  )
  element.style.background = `light-dark(hsl(${hue} 55% 90%), hsl(${hue} 30% 24%))`
  element.style.color = `light-dark(hsl(${hue} 65% 25%), hsl(${hue} 60% 82%))`
}

// Some systems have no flags; there the letters of the country stand in for them.
let flags = null
const hasFlags = () => {
  if (flags === null) {
    const canvas = h('canvas', { width: 20, height: 20 }).getContext('2d', {
      willReadFrequently: true,
    })
    canvas.font = '16px sans-serif'
    canvas.fillText(flag('FR'), 0, 16)
    const pixels = canvas.getImageData(0, 0, 20, 20).data
    flags = pixels.some(
      (value, index) => index % 4 === 0 && Math.abs(value - pixels[index + 2]) > 40,
    )
  }
  return flags
}
