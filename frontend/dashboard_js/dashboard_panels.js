// The panels below the figures, and the way to those that open on demand.

import { renderCards } from './dashboard_cards.js'
import { redrawChart, renderChart } from './dashboard_chart.js'
import { byId, h } from './dashboard_dom.js'
import { startKeys } from './dashboard_keys.js'
import { go, state } from './dashboard_state.js'
import { t } from './dashboard_texts.js'

export const startPanels = () => {
  startKeys()
  // Paper is light, whatever the screen is.
  addEventListener('beforeprint', () => asPaper(true))
  addEventListener('afterprint', () => asPaper(false))
}

let screenTheme
const asPaper = (isPaper) => {
  const { dataset } = document.documentElement
  if (isPaper) screenTheme = dataset.theme
  if (isPaper) dataset.theme = 'light'
  else if (screenTheme) dataset.theme = screenTheme
  else delete dataset.theme
  redrawChart()
}

// Show an answer of /api/stats.
export const show = (now, answer) => {
  if (now.view !== 'overview') return
  renderChart(byId('chart'), now, answer)
  if (answer.totals.sessions) renderCards(byId('cards'), now, answer)
  else byId('cards').replaceChildren(nobody(now))
}

const nobody = (now) => {
  const button = (text, changes) =>
    h('button', { type: 'button', class: 'choice', onclick: () => go(changes) }, text)
  return h(
    'section',
    { class: 'panel period-empty' },
    h('h2', {}, t(now.filters ? 'emptyFiltered' : 'emptyTitle')),
    h(
      'div',
      { class: 'period-ways' },
      now.filters ? button(t('clearFilters'), { filters: '' }) : null,
      now.period === 'all'
        ? null
        : button(t('showAll'), { period: 'all', from: '', to: '', interval: '' }),
      button(t('realtime'), { view: 'realtime' }),
      button(t('install'), { view: 'welcome' }),
    ),
  )
}

// Show what the state opens besides: a view, a list, a session.
// Its code may come late, so each is given the state of the moment.
export const showOpened = (now, live, { isAskedAgain = false } = {}) =>
  Promise.all([
    now.view === 'realtime' &&
      import('./dashboard_realtime.js').then((it) =>
        it.renderRealtime(byId('realtime'), state(), live),
      ),
    now.view === 'sessions' &&
      import('./dashboard_sessions.js').then((it) =>
        it.renderSessions(byId('sessions'), state(), { isAskedAgain }),
      ),
    (now.all || document.querySelector('dialog.details')) &&
      import('./dashboard_details.js').then((it) => it.renderDetails(state())),
    (now.session || document.querySelector('dialog.drawer')) &&
      import('./dashboard_timeline.js').then((it) => it.renderTimeline(state())),
  ])

export const themeChanged = () => redrawChart()
