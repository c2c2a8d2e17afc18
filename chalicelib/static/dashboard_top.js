// What is seen first: the header with the live number and the choices, the bars of the last
// half hour, and the figures of the period with their change. One file, because the first
// figures may need eight requests.

import {
  addStyles,
  byId,
  h,
  icon,
  reconcile,
  setAttributes,
  setText,
  tipOn,
} from './dashboard_dom.js'
import {
  METRICS,
  datesOf,
  formatFilters,
  go,
  parseFilters,
  spanOf,
  state,
  steppedPeriod,
  todayIn,
} from './dashboard_state.js'
import {
  bucketName,
  clock,
  dateRange,
  dimensionName,
  duration,
  figure,
  number,
  percent,
  t,
  valueName,
} from './dashboard_texts.js'

const VIEWS = ['overview', 'realtime', 'sessions']
const STALE_AFTER = 20_000
const MOST_SHARE = 9.99 // beyond, a percentage says only that there was next to nothing before

// Open one of the menus, whose code comes when it is first needed.
export const openMenu = async (name, button, ...rest) => {
  const code =
    name === 'filterEditor' ? import('./dashboard_filters.js') : import('./dashboard_menus.js')
  const [menus] = await Promise.all([code, addStyles('dashboard_panels.css')])
  return menus[name](button, ...rest)
}

// Header

export const renderHeader = (now, sites) => {
  document
    .querySelectorAll('[data-text]')
    .forEach((element) => setText(element, t(element.dataset.text)))
  document
    .querySelectorAll('[data-label]')
    .forEach((element) => element.setAttribute('aria-label', t(element.dataset.label)))
  renderSites(now, sites)
  reconcile(byId('views'), VIEWS, {
    key: (view) => view,
    create: (view) =>
      h('a', { href: '#', onclick: (event) => follow(event, { view, session: '' }) }),
    update: (link, view) => {
      setText(link, t(view))
      setAttributes(link, { 'aria-current': now.view === view ? 'page' : null })
    },
  })
  byId('controls').hidden = now.view === 'realtime' || now.view === 'welcome'
  renderPills(now)
}

const follow = (event, changes) => {
  if (event.metaKey || event.ctrlKey) return
  event.preventDefault()
  go(changes)
}

const renderSites = (now, sites) => {
  const list = byId('site')
  const names = sites.includes(now.site) || !now.site ? sites : [now.site, ...sites]
  reconcile(list, names.length ? names : [''], {
    key: (name) => name,
    create: (name) => h('option', { value: name }, name || t('noSites')),
    update: (option, name) => (option.selected = name === now.site),
  })
  list.onchange = () => {
    const view = state().view === 'welcome' ? 'overview' : state().view
    go({ site: list.value, view, filters: '', session: '', all: '' })
  }
  byId('menu-button').onclick = () => openMenu('mainMenu', byId('menu-button'))
  byId('live').onclick = () =>
    go({ view: state().view === 'realtime' ? 'overview' : 'realtime' })
}

const renderPills = (now) => {
  const filters = parseFilters(now.filters)
  reconcile(byId('pills'), filters, {
    key: (filter) => formatFilters([filter]),
    create: (filter) => {
      const name = filterName(filter)
      const without = () =>
        go({
          filters: formatFilters(
            parseFilters(state().filters).filter(
              (other) => formatFilters([other]) !== formatFilters([filter]),
            ),
          ),
        })
      const edit = h(
        'button',
        { type: 'button', class: 'pill-name', title: t('editFilter', { name }) },
        ...filterWords(filter),
      )
      edit.addEventListener('click', () => openMenu('filterEditor', edit, filter))
      return h(
        'span',
        { class: 'pill' },
        edit,
        h(
          'button',
          {
            type: 'button',
            class: 'pill-remove',
            'aria-label': t('removeFilter', { name }),
            onclick: without,
          },
          icon('close'),
        ),
      )
    },
    update: () => {},
  })
  if (filters.length > 1) {
    byId('pills').append(
      h(
        'button',
        { type: 'button', class: 'plain', 'data-key': '', onclick: () => go({ filters: '' }) },
        t('clearFilters'),
      ),
    )
  }
}

const filterWords = ({ dimension, operator, values }) => [
  dimensionName(dimension),
  ' ',
  h('span', { class: 'quiet' }, t(`op${operator}`)),
  ' ',
  h('b', {}, values.map((value) => valueName(dimension, value)).join(` ${t('or')} `)),
]
export const filterName = (filter) => h('span', {}, ...filterWords(filter)).textContent

// The choices beside the filters: of the state. Only where its dates are open, `period` of an
// answer tells them. `zone` says where today is.
export const renderChoices = (now, period, zone) => {
  const choices = byId('choices')
  if (!choices.children.length) choices.append(...choiceButtons())
  const [, earlier, , later] = choices.querySelectorAll('button')
  setText(byId('period-name'), now.period === 'custom' ? '' : t(now.period))
  const today = todayIn(zone)
  const span = spanOf(now, today) ?? (period && datesOf(period))
  setText(byId('period-dates'), span ? dateRange(span.from, span.to) : '')
  setText(byId('compare-name'), t(now.compare === 'off' ? 'off' : `vs${now.compare}`))
  // A click steps from the state of its moment, whatever has been drawn by then.
  const step = (direction) => steppedPeriod(state(), direction, todayIn(zone))
  for (const [button, direction] of [
    [earlier, -1],
    [later, 1],
  ]) {
    button.disabled = !step(direction)
    button.onclick = () => {
      const stepped = step(direction)
      if (stepped) go({ interval: '', ...stepped })
    }
  }
}

const choiceButtons = () => {
  const menu = (name, id, picture, label, ...content) => {
    const button = h(
      'button',
      { type: 'button', id, class: 'choice', 'aria-haspopup': 'dialog', 'aria-label': label },
      icon(picture),
      ...content,
    )
    button.addEventListener('click', () => openMenu(name, button))
    return button
  }
  const arrow = (picture, label) =>
    h(
      'button',
      { type: 'button', class: 'choice arrow', 'aria-label': t(label), title: t(label) },
      icon(picture),
    )
  return [
    menu('filterEditor', 'filter-button', 'filter', null, h('span', {}, t('filter'))),
    h(
      'span',
      { class: 'stepper' },
      arrow('left', 'earlier'),
      menu(
        'periodMenu',
        'period-button',
        'calendar',
        null,
        h('b', { id: 'period-name' }),
        h('span', { id: 'period-dates', class: 'quiet' }),
      ),
      arrow('right', 'later'),
    ),
    menu('compareMenu', 'compare-button', 'compare', null, h('span', { id: 'compare-name' })),
  ]
}

// The live number

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
            `${clock(row.time)} · ${minutes ? t('minutesAgo', { n: minutes }) : t('thisMinute')}`,
          ),
          h('div', {}, `${number(row.pageviews)} ${t('pageviews')}`),
          h('div', {}, `${number(row.visitors)} ${t('visitors')}`),
        ]
      },
    },
  )
}

// Figures

// Words and an arrow for a change, and whether it is good news; null where nothing can be said.
export const changeWords = (metric, value, before) => {
  if (value === null || value === undefined || before === null || before === undefined)
    return null
  if (value === before) return { arrow: '=', words: t('unchanged'), tone: 'even' }
  if (!before) return { arrow: '▲', words: t('wasNone'), tone: 'even' }
  const rise = value > before
  const [up, down] =
    metric === 'bounce_rate' || metric === 'views_per_session'
      ? ['higher', 'lower']
      : metric.endsWith('duration') || metric.endsWith('time')
        ? ['longer', 'shorter']
        : ['more', 'fewer']
  const share = Math.abs(value / before - 1)
  const isGood = metric === 'bounce_rate' ? !rise : rise
  return {
    arrow: rise ? '▲' : '▼',
    words: t(rise ? up : down, {
      change:
        share > MOST_SHARE ? `>${percent(MOST_SHARE, 0)}` : percent(share, share < 0.1 ? 1 : 0),
    }),
    tone: isGood ? 'good' : 'bad',
  }
}

export const renderTiles = (now, answer) => {
  reconcile(byId('tiles'), METRICS, {
    key: (metric) => metric,
    create: createTile,
    update: (tile, metric) => {
      const value = answer?.totals[metric]
      const before = answer?.previous?.[metric]
      tile.setAttribute('aria-pressed', String(now.metric === metric))
      const shown = tile.querySelector('data')
      shown.value = value ?? ''
      setText(shown, answer ? figure(metric, value) : ' ')
      const change = changeWords(metric, value, before)
      const note = tile.querySelector('.tile-change')
      note.dataset.tone = change?.tone ?? ''
      setText(note, change ? `${change.arrow} ${change.words}` : ' ')
      tile.tip = before === undefined ? null : t('before', { value: figure(metric, before) })
    },
  })
}

const createTile = (metric) => {
  const meaning = t(`${metric}Meaning`)
  const tile = h(
    'button',
    {
      type: 'button',
      class: 'tile',
      'aria-describedby': `meaning-${metric}`,
      onclick: () => go({ metric }, { replace: false }),
    },
    h('span', { class: 'tile-name' }, t(metric)),
    h('data', { class: 'tile-value' }),
    h('span', { class: 'tile-change' }),
    h('span', { class: 'unseen', id: `meaning-${metric}` }, meaning),
  )
  tipOn(tile, () => [
    h('div', {}, meaning),
    tile.tip ? h('div', { class: 'tip-more' }, tile.tip) : '',
  ])
  return tile
}

// Footer: what the figures are.
export const renderFoot = (answer) => {
  const { period, meta } = answer
  const exactness = { exact: 'exact', estimate: 'estimate' }[meta.visitors_are] ?? 'sum'
  const sentences = [
    t(`footVisitors_${exactness}`),
    meta.open_sessions ? t('footOpen', { n: meta.open_sessions }) : null,
    t('footZone', { zone: period.timezone }),
    t('footGenerated', { time: clock(meta.generated_at, { seconds: true, date: true }) }),
  ]
  byId('foot').replaceChildren(h('p', {}, sentences.filter(Boolean).join(' ')))
}

export const bucketTitle = (row, interval) => bucketName(row.time, interval)
