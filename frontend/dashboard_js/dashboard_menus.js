// The menus of the header: period, comparison, and everything else.

import { keepSetting, setting } from './dashboard_api.js'
import { announce, h } from './dashboard_dom.js'
import { PERIOD_KEYS } from './dashboard_keys.js'
import { menuItem, openPopover } from './dashboard_popover.js'
import { PERIODS, actions, addDays, go, state, todayIn } from './dashboard_state.js'
import { language, t, zoneName } from './dashboard_texts.js'

const COMPARISONS = ['previous_period', 'previous_year', 'off']

// Period

export const periodMenu = (button) => {
  const now = state()
  const choose = (period) => go({ period, from: '', to: '', interval: '' })
  const dates = customDates(now)
  return openPopover(
    button,
    t('period'),
    ...PERIODS.map((period) =>
      menuItem(t(period), () => choose(period), {
        isChosen: now.period === period,
        key: PERIOD_KEYS[period],
      }),
    ),
    h('hr'),
    dates,
  )
}

const customDates = (now) => {
  const today = todayIn(actions.zone())
  const from = h('input', {
    type: 'date',
    value: now.from || addDays(today, -6),
    max: now.from > today ? now.from : today,
    required: true,
  })
  const to = h('input', {
    type: 'date',
    value: now.to || today,
    max: now.to > today ? now.to : today,
    required: true,
  })
  const submit = (event) => {
    event.preventDefault()
    const [first, last] = [from.value, to.value].sort()
    event.target.closest('.menu').hidePopover()
    go({ period: 'custom', from: first, to: last, interval: '' })
  }
  return h(
    'form',
    { class: 'custom-dates', onsubmit: submit },
    h(
      'div',
      { class: 'fields' },
      h('label', { class: 'field' }, t('from'), from),
      h('label', { class: 'field' }, t('to'), to),
    ),
    h('small', { class: 'quiet' }, t('datesIn', { zone: zoneName() })),
    h('button', { class: 'main-button' }, t('apply')),
  )
}

// Open the period menu at its dates.
export const customPeriod = (button) => periodMenu(button).querySelector('input').focus()

export const compareMenu = (button) =>
  openPopover(
    button,
    t('compare'),
    ...COMPARISONS.map((compare) =>
      menuItem(t(compare), () => go({ compare }), { isChosen: state().compare === compare }),
    ),
  )

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
  const isOut = document.documentElement.dataset.stage === 'out'
  const shared = state().timezone // by a link of somebody elsewhere
  const zones = [
    ['', t('zoneOfSite', { zone: actions.siteZone() ?? '–' })],
    [mine, t('zoneMine', { zone: mine })],
    ...(shared && shared !== mine ? [[shared, shared]] : []),
  ]
  return openPopover(
    button,
    t('menu'),
    group(
      t('theme'),
      ['auto', 'light', 'dark'].map((name) => [
        t(`theme${name}`),
        name === theme,
        () => choose(name),
      ]),
    ),
    group(t('languageName'), [
      ['English', language === 'en', () => speak('en')],
      ['한국어', language === 'ko', () => speak('ko')],
    ]),
    isOut || (isSameZone(mine, actions.siteZone()) && !shared)
      ? null
      : group(
          t('zone'),
          zones.map(([zone, text]) => [
            text,
            state().timezone === zone,
            () => go({ timezone: zone }),
          ]),
        ),
    ...(isOut ? [] : inside()),
  )
}

// Browsers have their own name for some zones, such as Asia/Calcutta for Asia/Kolkata.
const isSameZone = (mine, site) => {
  try {
    return mine === new Intl.DateTimeFormat('en', { timeZone: site }).resolvedOptions().timeZone
  } catch {
    return false
  }
}

// What needs figures.
const inside = () => [
  h('hr'),
  menuItem(t('shareLink'), shareLink),
  menuItem(t('exportSessionsCsv'), () => exportSessions('csv')),
  menuItem(t('exportSessionsNdjson'), () => exportSessions('ndjson')),
  menuItem(t('print'), () => setTimeout(print)),
  h('hr'),
  menuItem(t('shortcuts'), () => actions.showHelp(), { key: '?' }),
  menuItem(t('install'), () => go({ view: 'welcome' })),
  menuItem(t('signOut'), () => actions.signOut()),
]

const group = (name, choices) =>
  h(
    'fieldset',
    { role: 'radiogroup', 'aria-label': name },
    h('legend', {}, name),
    ...choices.map(([text, isChosen, action]) =>
      h(
        'button',
        {
          type: 'button',
          role: 'radio',
          class: 'small-choice',
          'aria-checked': String(isChosen),
          onclick: (event) => {
            event.currentTarget.closest('.menu').hidePopover()
            action()
          },
        },
        text,
      ),
    ),
  )

const shareLink = async () => {
  await navigator.clipboard.writeText(location.href).catch(() => {})
  announce(t('copied'))
  actions.say(t('copied'))
}

const exportSessions = async (format) =>
  (await import('./dashboard_export.js')).exportSessions(format)
