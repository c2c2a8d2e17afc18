// Putting a filter together: a dimension, a condition, values, with those that there are on offer.

import { h } from './dashboard_dom.js'
import { openPopover } from './dashboard_popover.js'
import { CARDS, actions, formatFilters, go, parseFilters, state } from './dashboard_state.js'
import { dimensionName, t, valueName } from './dashboard_texts.js'

const DIMENSIONS = [
  ...Object.values(CARDS).flatMap((tabs) => Object.values(tabs).flat()),
].filter((name) => name !== 'prop')

// Add a filter, or change the one given.
export const filterEditor = (button, given = null) => {
  const now = state()
  const prop = now.prop && !DIMENSIONS.includes(`prop:${now.prop}`) ? [`prop:${now.prop}`] : []
  const names = [...new Set([...DIMENSIONS, ...prop, ...(given ? [given.dimension] : [])])]
  const dimension = h(
    'select',
    {},
    ...names.map((name) =>
      h(
        'option',
        { value: name, selected: name === (given?.dimension ?? 'page') },
        dimensionName(name),
      ),
    ),
  )
  const operator = h(
    'select',
    {},
    ...['==', '!=', '=~', '!~'].map((name) =>
      h('option', { value: name, selected: name === given?.operator }, t(`op${name}`)),
    ),
  )
  const value = h('textarea', {
    rows: '2',
    autofocus: true,
    spellcheck: 'false',
    autocomplete: 'off',
  })
  value.value = given?.values.join('\n') ?? ''
  const found = h('div', { class: 'values' })
  let waiting = 0
  const suggest = () => {
    clearTimeout(waiting)
    waiting = setTimeout(() => suggestValues(dimension.value, value, found), 150)
  }
  const submit = (event) => {
    event?.preventDefault()
    if (!lines(value.value, operator.value).length) return value.focus()
    const filter = {
      dimension: dimension.value,
      operator: operator.value,
      values: lines(value.value, operator.value),
    }
    const others = parseFilters(now.filters).filter(
      (other) => !given || formatFilters([other]) !== formatFilters([given]),
    )
    event?.target.closest('.menu')?.hidePopover()
    go({ filters: formatFilters([...others, filter]) })
  }
  dimension.onchange = () => {
    value.value = ''
    suggest()
  }
  value.oninput = suggest
  value.onkeydown = (event) => {
    if (event.key === 'Enter' && !event.shiftKey) submit(event)
  }
  const menu = openPopover(
    button,
    t('addFilter'),
    h(
      'form',
      { onsubmit: submit },
      h(
        'div',
        { class: 'fields' },
        h('label', { class: 'field' }, t('dimension'), dimension),
        h('label', { class: 'field' }, t('operator'), operator),
      ),
      h('label', { class: 'field' }, t('value'), value, h('small', {}, t('valueHelp'))),
      found,
      h('button', { class: 'main-button' }, t('apply')),
    ),
  )
  menu.classList.add('filter-menu')
  suggest()
  return menu
}

// One value a line. An empty one is "none", which nothing can contain.
const lines = (text, operator) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line || operator[1] === '=')

// Offer the values that there are, from the same API as the lists.
const suggestValues = async (dimension, field, list) => {
  const search = field.value.split('\n').at(-1).trim()
  const answer = await actions
    .ask({ dimensions: dimension, search, limit: 8, compare: '', filters: '' })
    .catch(() => null)
  const rows = answer?.breakdowns[dimension]?.rows ?? []
  const take = (value) => {
    field.value = [...field.value.split('\n').slice(0, -1), value ?? ''].join('\n')
    field.focus()
  }
  list.replaceChildren(
    ...rows.map((row) =>
      h(
        'button',
        { type: 'button', class: 'menu-item', onclick: () => take(row.value) },
        valueName(dimension, row.value),
      ),
    ),
  )
}
