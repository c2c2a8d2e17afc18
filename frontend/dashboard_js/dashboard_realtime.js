// The realtime view: the live number large, the last half hour by the minute, who is where, and
// the newest sessions as they come.

import { h, reconcile, setText } from './dashboard_dom.js'
import { mark } from './dashboard_marks.js'
import { go } from './dashboard_state.js'
import { clock, number, t, valueName, zoneName } from './dashboard_texts.js'
import { renderMinutes } from './dashboard_live.js'
import { createVisit, updateVisit } from './dashboard_visit.js'

const LISTS = { pages: 'page', sources: 'source', countries: 'country', devices: 'device' }
const TITLES = {
  pages: 'onPages',
  sources: 'sources',
  countries: 'country',
  devices: 'devices',
}
const LONGEST = 10

export const renderRealtime = (root, now, live) => {
  if (!root.children.length) root.append(...build())
  setText(root.querySelector('.now-number'), live ? number(live.current_visitors) : '–')
  setText(
    root.querySelector('.now-words span:last-child'),
    t('current', { n: live?.current_visitors ?? 0 }),
  )
  root.querySelector('.now-words .dot').classList.toggle('on', Boolean(live?.current_visitors))
  renderMinutes(root.querySelector('.minutes'), live)
  root.querySelector('.no-filters').hidden = !now.filters
  // Nothing that a list below would be pushed down by.
  root.querySelector('.now-grid').hidden = !live
  if (!live) return
  renderTable(root.querySelector('.minutes-table'), live)
  for (const [list, dimension] of Object.entries(LISTS))
    renderList(root.querySelector(`[data-list="${list}"]`), dimension, live[list] ?? [])
  renderFeed(root.querySelector('.feed'), live.feed)
}

const build = () => [
  h(
    'section',
    { class: 'panel now', 'aria-label': t('realtime') },
    h(
      'div',
      {},
      h('div', { class: 'now-number' }),
      h(
        'p',
        { class: 'now-words' },
        h('span', { class: 'dot', 'aria-hidden': 'true' }),
        h('span', {}),
      ),
    ),
    h('div', { class: 'minutes bare' }),
  ),
  h('p', { class: 'quiet no-filters', hidden: true }, t('noFilters')),
  h(
    'table',
    { class: 'unseen minutes-table' },
    h('caption', {}, t('pageviewsPerMinute')),
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        ...['time', 'pageviews', 'visitors'].map((name) => h('th', { scope: 'col' }, t(name))),
      ),
    ),
    h('tbody', {}),
  ),
  h(
    'div',
    { class: 'now-grid' },
    h(
      'section',
      { class: 'panel feed-card', 'aria-labelledby': 'feed-title' },
      h(
        'h2',
        { id: 'feed-title' },
        t('feed'),
        ' ',
        h('small', { class: 'quiet' }, t('feedMeaning')),
      ),
      h('ul', { class: 'feed', tabindex: '0', 'aria-labelledby': 'feed-title' }),
    ),
    h(
      'div',
      { class: 'now-lists' },
      ...Object.keys(LISTS).map((list) =>
        h(
          'section',
          { class: 'panel short-card', 'data-list': list },
          h('h2', {}, t(TITLES[list])),
          h('ul', { class: 'rows' }),
        ),
      ),
    ),
  ),
]

const renderTable = (table, live) => {
  setText(table.querySelector('th'), t('timeIn', { zone: zoneName() }))
  reconcile(table.querySelector('tbody'), live.series, {
    key: (row) => row.time,
    create: () => h('tr', {}, h('th', { scope: 'row' }), h('td', {}), h('td', {})),
    update: (line, row) => {
      setText(line.children[0], clock(row.time))
      setText(line.children[1], number(row.pageviews))
      setText(line.children[2], number(row.visitors))
    },
  })
}

// A list that knows of no value at all says nothing: the server does not tell this.
const renderList = (section, dimension, rows) => {
  section.hidden =
    rows.length > 0 && rows.every((row) => row.value === null) && dimension !== 'source'
  const shown = rows.slice(0, LONGEST)
  const most = Math.max(1, ...shown.map((row) => row.visitors))
  reconcile(
    section.querySelector('ul'),
    shown.length ? shown : [{ value: null, isEmpty: true }],
    {
      key: (row) => (row.isEmpty ? '' : JSON.stringify(row.value)),
      create: (row) =>
        row.isEmpty
          ? h('li', { class: 'quiet rows-none' }, t('noOneHere'))
          : h(
              'li',
              { class: 'row', title: valueName(dimension, row.value) },
              h('i', {}),
              mark(dimension, row.value),
              h('span', { class: 'name' }, valueName(dimension, row.value)),
              h('data', { class: 'count' }),
            ),
      update: (item, row) => {
        if (row.isEmpty) return
        item.querySelector('i').style.width = `${(100 * row.visitors) / most}%`
        item.querySelector('data').value = row.visitors
        setText(item.querySelector('data'), number(row.visitors))
      },
    },
  )
}

const renderFeed = (list, feed) => {
  reconcile(list, feed, {
    key: (session) => session.session_id,
    create: () =>
      h(
        'li',
        {},
        createVisit((session) => go({ session })),
      ),
    update: (item, session) => updateVisit(item.firstChild, session),
  })
  // The first rows are simply there; those that come later slide in.
  requestAnimationFrame(() => (list.dataset.ready = ''))
}
