// The menus of the header: period, comparison, filters, and the rest. Each is a popover below its
// button: Escape and a click elsewhere close it, and focus goes back to the button.

import { keepSetting, setting } from './dashboard_api.js'
import { announce, h, openBelow } from './dashboard_dom.js'
import { PERIOD_KEYS } from './dashboard_keys.js'
import { CARDS, PERIODS, actions, addDays, formatFilters, go, parseFilters, state } from './dashboard_state.js'
import { dimensionName, language, t, valueName } from './dashboard_texts.js'

const COMPARISONS = ['previous_period', 'previous_year', 'off']

const open = (button, label, ...content) => {
  document.querySelector('.menu')?.remove()
  const menu = h('div', { class: 'menu', popover: '', role: 'dialog', 'aria-label': label, onkeydown: moveWithArrows }, ...content)
  menu.addEventListener('toggle', (event) => event.newState === 'closed' && setTimeout(() => menu.remove()))
  button.after(menu)
  openBelow(menu, button)
  const first = menu.querySelector('[autofocus], [aria-current], [aria-checked="true"]') ?? menu.querySelector('button, input, select, textarea')
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

const item = (text, action, { isChosen = false, key = '' } = {}) =>
  h('button', { type: 'button', class: 'menu-item', 'aria-current': isChosen ? 'true' : null, onclick: (event) => {
    event.currentTarget.closest('.menu').hidePopover()
    action()
  } }, h('span', {}, text), key ? h('kbd', { 'aria-hidden': 'true' }, key) : null)

// Period

export const periodMenu = (button) => {
  const now = state()
  const choose = (period) => go({ period, from: '', to: '', interval: '' })
  const dates = customDates(now)
  return open(button, t('period'),
    ...PERIODS.map((period) => item(t(period), () => choose(period), { isChosen: now.period === period, key: PERIOD_KEYS[period] })),
    h('hr'), dates)
}

const customDates = (now) => {
  const today = new Date().toISOString().slice(0, 10)
  const from = h('input', { type: 'date', value: now.from || addDays(today, -6), required: true })
  const to = h('input', { type: 'date', value: now.to || today, required: true })
  const submit = (event) => {
    event.preventDefault()
    const [first, last] = [from.value, to.value].sort()
    event.target.closest('.menu').hidePopover()
    go({ period: 'custom', from: first, to: last, interval: '' })
  }
  return h('form', { class: 'custom-dates', onsubmit: submit },
    h('div', { class: 'fields' }, h('label', { class: 'field' }, t('from'), from), h('label', { class: 'field' }, t('to'), to)),
    h('button', { class: 'main-button' }, t('apply')))
}

// Open the period menu at its dates.
export const customPeriod = (button) => periodMenu(button).querySelector('input').focus()

export const compareMenu = (button) =>
  open(button, t('compare'), ...COMPARISONS.map((compare) => item(t(compare), () => go({ compare }), { isChosen: state().compare === compare })))

// Filters

const DIMENSIONS = [...Object.values(CARDS).flatMap((tabs) => Object.values(tabs).flat())].filter((name) => name !== 'prop')

// Add a filter, or change the one given.
export const filterEditor = (button, given = null) => {
  const now = state()
  const prop = now.prop && !DIMENSIONS.includes(`prop:${now.prop}`) ? [`prop:${now.prop}`] : []
  const names = [...new Set([...DIMENSIONS, ...prop, ...(given ? [given.dimension] : [])])]
  const dimension = h('select', {}, ...names.map((name) => h('option', { value: name, selected: name === (given?.dimension ?? 'page') }, dimensionName(name))))
  const operator = h('select', {}, ...['==', '!=', '=~', '!~'].map((name) => h('option', { value: name, selected: name === given?.operator }, t(`op${name}`))))
  const value = h('textarea', { rows: '2', autofocus: true, spellcheck: 'false', autocomplete: 'off' })
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
    const filter = { dimension: dimension.value, operator: operator.value, values: lines(value.value, operator.value) }
    const others = parseFilters(now.filters).filter((other) => !given || formatFilters([other]) !== formatFilters([given]))
    event?.target.closest('.menu')?.hidePopover()
    go({ filters: formatFilters([...others, filter]) })
  }
  dimension.onchange = () => { value.value = ''; suggest() }
  value.oninput = suggest
  value.onkeydown = (event) => event.key === 'Enter' && !event.shiftKey && submit(event)
  const menu = open(button, t('addFilter'),
    h('form', { onsubmit: submit },
      h('div', { class: 'fields' }, h('label', { class: 'field' }, t('dimension'), dimension), h('label', { class: 'field' }, t('operator'), operator)),
      h('label', { class: 'field' }, t('value'), value, h('small', {}, t('valueHelp'))),
      found,
      h('button', { class: 'main-button' }, t('apply'))))
  menu.classList.add('filter-menu')
  suggest()
  return menu
}

// One value a line. An empty one is "none", which nothing can contain.
const lines = (text, operator) =>
  text.split('\n').map((line) => line.trim()).filter((line) => line || operator[1] === '=')

// Offer the values that there are, from the same API as the lists.
const suggestValues = async (dimension, field, list) => {
  const search = field.value.split('\n').at(-1).trim()
  const answer = await actions.ask({ dimensions: dimension, search, limit: 8, compare: '', filters: '' }).catch(() => null)
  const rows = answer?.breakdowns[dimension]?.rows ?? []
  const take = (value) => {
    field.value = [...field.value.split('\n').slice(0, -1), value ?? ''].join('\n')
    field.focus()
  }
  list.replaceChildren(...rows.map((row) => h('button', { type: 'button', class: 'menu-item', onclick: () => take(row.value) }, valueName(dimension, row.value))))
}

// Everything else

export const mainMenu = (button) => {
  const theme = setting('theme') ?? 'auto'
  const choose = (name) => {
    keepSetting('theme', name === 'auto' ? null : name)
    actions.showTheme(name === 'auto' ? null : name)
  }
  const speak = (name) => {
    keepSetting('language', name)
    location.reload()
  }
  const mine = Intl.DateTimeFormat().resolvedOptions().timeZone
  const zones = [['', t('zoneOfSite', { zone: actions.zone() })], [mine, t('zoneMine', { zone: mine })]]
  return open(button, t('menu'),
    group(t('theme'), ['auto', 'light', 'dark'].map((name) => [t(`theme${name}`), name === theme, () => choose(name)])),
    group(t('languageName'), [['English', language === 'en', () => speak('en')], ['한국어', language === 'ko', () => speak('ko')]]),
    mine === actions.zone() && !state().timezone ? null : group(t('zone'), zones.map(([zone, text]) => [text, state().timezone === zone, () => go({ timezone: zone })])),
    h('hr'),
    item(t('shareLink'), shareLink),
    item(t('exportSessionsCsv'), () => exportSessions('csv')),
    item(t('exportSessionsNdjson'), () => exportSessions('ndjson')),
    item(t('print'), () => setTimeout(print)),
    h('hr'),
    item(t('shortcuts'), () => actions.showHelp(), { key: '?' }),
    item(t('install'), () => go({ view: 'welcome' })),
    item(t('signOut'), () => actions.signOut()))
}

const group = (name, choices) =>
  h('fieldset', { role: 'radiogroup', 'aria-label': name }, h('legend', {}, name),
    ...choices.map(([text, isChosen, action]) => h('button', { type: 'button', role: 'radio', class: 'small-choice', 'aria-checked': String(isChosen), onclick: (event) => {
      event.currentTarget.closest('.menu').hidePopover()
      action()
    } }, text)))

const shareLink = async () => {
  await navigator.clipboard.writeText(location.href).catch(() => {})
  announce(t('copied'))
  actions.say(t('copied'))
}

const exportSessions = async (format) => (await import('./dashboard_export.js')).exportSessions(format)


