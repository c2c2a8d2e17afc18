// Keyboard shortcuts: one key each, off by a switch, and a sheet that lists them.

import { keepSetting, setting } from './dashboard_api.js'
import { byId, h, iconButton } from './dashboard_dom.js'
import { METRICS, actions, go, state } from './dashboard_state.js'
import { t } from './dashboard_texts.js'
import { openMenu } from './dashboard_header.js'

export const PERIOD_KEYS = {
  today: 'D',
  yesterday: 'E',
  '24h': 'H',
  '7d': 'W',
  '28d': 'F',
  '30d': 'T',
  '91d': 'N',
  month: 'M',
  '12mo': 'L',
  year: 'Y',
  all: 'A',
  custom: 'C',
}
const VIEWS = { O: 'overview', R: 'realtime', S: 'sessions' }
const COMPARISONS = ['previous_period', 'previous_year', 'off']
const THEMES = ['light', 'dark']

const isOn = () => setting('shortcuts') !== 'off'

export const startKeys = () => document.addEventListener('keydown', pressed)

const pressed = (event) => {
  if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return
  const field = event.target.closest('input, textarea, select, [contenteditable]')
  // For a moment after it was closed, a dialog's field still has the focus.
  const isTyping = field?.checkVisibility()
  const isOpen = document.querySelector('dialog[open], .menu')
  if (event.key === 'Escape' && !isOpen && !isTyping && state().filters)
    return go({ filters: '' })
  if (isTyping || !isOn()) return
  if (event.key === '/' && focusSearch()) return event.preventDefault()
  if (isOpen) return
  const action = actionOf(event.key)
  if (!action) return
  event.preventDefault()
  action()
}

// What a key does, or null.
const actionOf = (key) => {
  const now = state()
  const upper = key.length === 1 ? key.toUpperCase() : key
  const period = Object.keys(PERIOD_KEYS).find((name) => PERIOD_KEYS[name] === upper)
  if (period === 'custom') return () => openMenu('customPeriod', byId('period-button'))
  if (period)
    return () =>
      go({
        period,
        from: '',
        to: '',
        interval: '',
        ...(now.view === 'realtime' && { view: 'overview' }),
      })
  if (VIEWS[upper]) return () => go({ view: VIEWS[upper], session: '' })
  return {
    ArrowLeft: () => press('.arrow:first-child'),
    ArrowRight: () => press('.arrow:last-child'),
    '[': () => press('.arrow:first-child'),
    ']': () => press('.arrow:last-child'),
    X: () => go({ compare: after(COMPARISONS, now.compare) }),
    V: () => go({ metric: after(METRICS, now.metric) }),
    G: () => go({ table: now.table ? '' : '1' }, { replace: true }),
    I: () => openMenu('filterEditor', byId('filter-button')),
    K: () => byId('site').focus(),
    U: () => actions.refresh(),
    P: () => changeTheme(),
    '?': showHelp,
  }[upper]
}

const after = (list, item) => list[(list.indexOf(item) + 1) % list.length]
const press = (selector) => byId('choices').querySelector(selector)?.click()

const changeTheme = () => {
  const isDark =
    (setting('theme') ??
      (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark'
  const theme = THEMES[isDark ? 0 : 1]
  keepSetting('theme', theme)
  actions.showTheme(theme)
}

// The search of the open list; without one, that of the pages.
const focusSearch = () => {
  const open = document.querySelector('dialog[open]')
  if (open && !open.querySelector('input[type="search"]')) return false
  if (open) open.querySelector('input[type="search"]').focus()
  else go({ all: state().pages })
  return true
}

// Help

let sheet = null

export const showHelp = () => {
  sheet ??= document.body.appendChild(buildSheet())
  if (!sheet.open) sheet.showModal()
}

const buildSheet = () => {
  const onOff = h('input', {
    type: 'checkbox',
    checked: isOn(),
    onchange: (event) => keepSetting('shortcuts', event.target.checked ? null : 'off'),
  })
  const made = h(
    'dialog',
    { class: 'help', 'aria-labelledby': 'help-title' },
    h(
      'div',
      { class: 'dialog-head' },
      h('h2', { id: 'help-title' }, t('shortcuts')),
      h('label', { class: 'switch' }, onOff, t('shortcutsOn')),
      iconButton('close', t('close'), () => made.close(), { autofocus: true }),
    ),
    h(
      'div',
      {
        class: 'dialog-body keys',
        tabindex: '0',
        role: 'region',
        'aria-labelledby': 'help-title',
      },
      column('keyPeriods', [
        ...Object.entries(PERIOD_KEYS).map(([period, key]) => [key, t(period)]),
        ['← →', t('keyEarlier')],
      ]),
      column('keyViews', [
        ...Object.entries(VIEWS).map(([key, view]) => [key, t(view)]),
        ['K', t('site')],
        ['V', t('keyMetric')],
        ['X', t('compare')],
        ['G', t('asTable')],
      ]),
      column('keyTools', [
        ['I', t('addFilter')],
        ['/', t('search')],
        ['U', t('keyLive')],
        ['P', t('theme')],
        ['Esc', t('keyEscape')],
        ['?', t('keyHelp')],
      ]),
    ),
  )
  made.addEventListener('click', (event) => event.target === made && made.close())
  return made
}

const column = (title, keys) =>
  h(
    'section',
    {},
    h('h3', {}, t(title)),
    h(
      'dl',
      {},
      ...keys.map(([key, meaning]) =>
        h('div', {}, h('dt', {}, meaning), h('dd', {}, h('kbd', {}, key))),
      ),
    ),
  )
