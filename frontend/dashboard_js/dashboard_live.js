// What is live in every view: the number in the header, and the bars of the last half hour.

import { byId, h, reconcile, setText, tipOn } from './dashboard_dom.js'
import { state } from './dashboard_state.js'
import { clock, duration, number, t, zoneName } from './dashboard_texts.js'

const STALE_AFTER = 20_000

// Say the live number and how old it is; `problem` tells that asking failed.
export const renderLive = (live, receivedAt, problem) => {
  const chip = byId('live')
  if (!live) {
    chip.dataset.state = problem ? 'stale' : 'waiting'
    setText(byId('live-count'), '–')
    setText(byId('live-label'), t('current', { n: 0 }))
    setText(byId('live-age'), problem ? t('errorTitle') : t('waiting'))
    return
  }
  const age = live.age_seconds * 1000 + Date.now() - receivedAt
  const isStale = Boolean(problem) || age > STALE_AFTER
  const n = live.current_visitors
  chip.dataset.state = isStale ? 'stale' : n ? 'busy' : 'calm'
  chip.title = t('currentMeaning')
  if (byId('live-count').textContent !== number(n)) {
    setText(byId('live-count'), number(n))
    byId('live-count').classList.remove('changed')
    requestAnimationFrame(() => byId('live-count').classList.add('changed'))
  }
  setText(byId('live-label'), t('current', { n }))
  const words = duration(age / 1000)
  setText(
    byId('live-age'),
    isStale
      ? t('stale', { age: words })
      : age < 1500
        ? t('updatedNow')
        : t('updated', { age: words }),
  )
  const site = state().site
  document.title = [isStale ? null : t('liveTitle', { n }), site, 'LiveInsight']
    .filter(Boolean)
    .join(' · ')
}

// Bars of the last half hour

export const renderMinutes = (panel, live) => {
  if (!panel.children.length) {
    panel.append(
      h(
        'div',
        { class: 'minutes-words' },
        h('h2', {}, t('lastHalfHour')),
        h('dl', { class: 'facts' }),
      ),
      h('div', { class: 'bars', role: 'img' }),
      h(
        'div',
        { class: 'bars-time', 'aria-hidden': 'true' },
        h('span', {}, t('minutesAgo', { n: 29 })),
        h('span', {}, t('thisMinute')),
      ),
    )
  }
  const facts = live
    ? [
        ['visitors', live.visitors],
        ['pageviews', live.pageviews],
        ['openSessions', live.open_sessions],
      ]
    : [['visitors'], ['pageviews'], ['openSessions']]
  reconcile(panel.querySelector('dl'), facts, {
    key: ([name]) => name,
    create: ([name]) => h('div', {}, h('dt', {}, t(name)), h('dd', {}, h('data', {}))),
    update: (fact, [name, value]) => {
      fact.querySelector('data').value = value ?? ''
      setText(fact.querySelector('data'), value === undefined ? '–' : number(value))
      setText(fact.querySelector('dt'), t(name))
    },
  })
  renderBars(panel.querySelector('.bars'), live)
}

const renderBars = (bars, live) => {
  const series = live?.series ?? Array(30).fill({ pageviews: 0, visitors: 0, time: '' })
  const most = Math.max(...series.map((row) => row.pageviews))
  bars.setAttribute(
    'aria-label',
    live
      ? `${t('pageviewsPerMinute')}. ${t('minutesSummary', { ...live, most })}`
      : t('loading'),
  )
  reconcile(
    bars,
    series.map((row, index) => ({ ...row, index })),
    {
      key: ({ time, index }) => time || index,
      create: () => {
        const bar = h('span', { class: 'minute' }, h('i', {}))
        tipOn(bar, () => bar.tip)
        return bar
      },
      update: (bar, row) => {
        const minutes = series.length - 1 - row.index
        bar.firstChild.style.height = `${row.pageviews ? Math.max(5, (100 * row.pageviews) / Math.max(most, 4)) : 0}%`
        bar.classList.toggle('running', minutes === 0)
        bar.tip = row.time && [
          h(
            'b',
            {},
            `${clock(row.time)} ${zoneName()} · ${minutes ? t('minutesAgo', { n: minutes }) : t('thisMinute')}`,
          ),
          h('div', {}, `${number(row.pageviews)} ${t('pageviews')}`),
          h('div', {}, `${number(row.visitors)} ${t('visitors')}`),
        ]
      },
    },
  )
}
