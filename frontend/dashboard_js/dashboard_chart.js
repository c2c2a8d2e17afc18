// One metric over time: a line, dashed where its last bucket is still running, and the comparison
// behind it. The same figures are a table, and the arrow keys read them one by one.

import { announce, h, icon, reconcile, setText } from './dashboard_dom.js'
import { drawPlot, fitPlot } from './dashboard_plot.js'
import { INTERVALS, bucketDates, datesOf, go, state } from './dashboard_state.js'
import { bucketName, figure, t, zoneName } from './dashboard_texts.js'
import { changeWords } from './dashboard_tiles.js'

let root = null
let plot = null
let drawn = '' // what the canvas shows, to draw only what changed
let figures = null // {rows, earlier, metric, interval, period}

export const renderChart = (element, now, answer) => {
  if (root !== element) buildChart((root = element))
  const { series, previous_series: earlier = null, period } = answer
  figures = { rows: series, earlier, metric: now.metric, interval: period.interval, period }
  root.querySelector('.tools-interval').value = now.interval
  const isTable = now.table === '1'
  const toggle = root.querySelector('.tools-table')
  toggle.setAttribute('aria-pressed', String(isTable))
  renderLegend(now)
  const label = root.querySelector('.zone')
  setText(label, t('timesIn', { zone: zoneName() }))
  label.title = label.textContent
  const box = root.querySelector('.plot')
  box.hidden = isTable
  root.querySelector('.scroller').hidden = !isTable
  if (isTable) return renderTable()
  const signature = JSON.stringify([
    figures,
    document.documentElement.dataset.theme,
    box.clientWidth,
  ])
  if (signature === drawn) return
  drawn = signature
  draw(box)
}

// Colours come from the stylesheet; a change of theme draws anew.
export const redrawChart = () => {
  if (!root || !figures || state().table === '1') return
  draw(root.querySelector('.plot'))
}

const buildChart = () => {
  const choose = h(
    'select',
    {
      class: 'small-choice tools-interval',
      'aria-label': t('interval'),
      onchange: (event) => go({ interval: event.target.value }),
    },
    h('option', { value: '' }, t('auto')),
    ...INTERVALS.map((name) =>
      h('option', { value: name }, t(name === 'month' ? 'month_' : name)),
    ),
  )
  const toggle = h(
    'button',
    {
      type: 'button',
      class: 'small-choice tools-table',
      onclick: () => go({ table: state().table ? '' : '1' }, { replace: true }),
    },
    icon('table'),
    t('asTable'),
  )
  const box = h('div', {
    class: 'plot',
    tabindex: '0',
    role: 'application',
    'aria-describedby': 'chart-help',
    onkeydown: readWithKeys,
    onblur: () => moveTo(-1),
    onmouseleave: () => hidePlotTip(),
  })
  root.replaceChildren(
    h(
      'div',
      { class: 'chart-head' },
      h('div', { class: 'legend' }),
      h('span', { class: 'zone' }),
      h('div', { class: 'chart-tools' }, choose, toggle),
    ),
    box,
    h('p', { class: 'unseen', id: 'chart-help' }, t('chartHelp')),
    h(
      'div',
      {
        class: 'scroller',
        hidden: true,
        tabindex: '0',
        role: 'region',
        'aria-label': t('asTable'),
      },
      h('table', { class: 'figures-table' }),
    ),
  )
  new ResizeObserver(() => fitPlot(plot, box)).observe(box)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redrawChart)
}

const renderLegend = (now) => {
  const entries = [['this', t(now.metric)]]
  if (figures.rows.some((row) => row.partial) && figures.rows.length > 1)
    entries.push(['running', t('running')])
  if (figures.earlier) entries.push(['earlier', t(now.compare)])
  reconcile(root.querySelector('.legend'), entries, {
    key: ([kind]) => kind,
    create: ([kind]) => h('span', { class: kind }),
    update: (entry, [, text]) => setText(entry, text),
  })
}

const draw = (box) => {
  const { rows, earlier, metric } = figures
  plot?.destroy()
  box.replaceChildren()
  plot = drawPlot(box, figures, { pointed: showPlotTip, chosen: zoom })
  const values = rows.map((row) => row[metric] ?? null)
  box.setAttribute('aria-label', summary(values))
  const isEmpty = ![...rows, ...(earlier ?? [])].some((row) => row[metric])
  if (isEmpty) box.append(h('p', { class: 'plot-empty' }, t('chartEmpty')))
}

// The chart in a sentence, for those who do not see it.
const summary = (values) => {
  const { rows, metric, interval } = figures
  const known = values
    .map((value, index) => ({ value, index }))
    .filter(({ value }) => value !== null)
  const name = t('chartOf', { metric: t(metric) })
  if (!known.length) return `${name}. ${t('chartEmpty')}`
  const most = known.reduce((a, b) => (b.value > a.value ? b : a))
  const least = known.reduce((a, b) => (b.value < a.value ? b : a))
  const at = ({ index }) => bucketName(rows[index].time, interval)
  return t('chartSummary', {
    metric: t(metric),
    n: rows.length,
    from: bucketName(rows[0].time, interval),
    to: bucketName(rows.at(-1).time, interval),
    most: figure(metric, most.value),
    mostAt: at(most),
    least: figure(metric, least.value),
    leastAt: at(least),
  })
}

// Reading one bucket

const describe = (index) => {
  const { rows, earlier, metric, interval } = figures
  const row = rows[index]
  const before = earlier?.[index]
  return {
    row,
    before,
    change: before && changeWords(metric, row[metric], before[metric]),
    name: bucketName(row.time, interval),
    metric,
    interval,
  }
}

const showPlotTip = (index) => {
  if (index === null || !figures.rows[index] || !plot) return hidePlotTip()
  const { row, before, change, name, metric, interval } = describe(index)
  const box = root.querySelector('.plot')
  const tip = box.querySelector('.plot-tip') ?? box.appendChild(h('div', { class: 'plot-tip' }))
  const pairs = [
    [row.partial ? `${t(metric)} (${t('running')})` : t(metric), figure(metric, row[metric])],
  ]
  if (before) pairs.push([bucketName(before.time, interval), figure(metric, before[metric])])
  if (change) pairs.push([t('difference'), `${change.arrow} ${change.words}`])
  tip.replaceChildren(
    h('b', {}, name),
    interval === 'hour' ? h('div', { class: 'quiet' }, zoneName()) : '',
    h('dl', {}, ...pairs.flatMap(([label, value]) => [h('dt', {}, label), h('dd', {}, value)])),
    zoomDates(index, index) ? h('div', { class: 'hint' }, t('zoomHint')) : '',
  )
  const at = plot.valToPos(index, 'x') + plot.over.offsetLeft
  const fits = at + tip.offsetWidth + 24 < box.clientWidth
  tip.style.left = `${Math.max(4, fits ? at + 20 : at - tip.offsetWidth - 4)}px`
}
const hidePlotTip = () => root.querySelector('.plot-tip')?.remove()

const moveTo = (index) => {
  if (!plot) return
  plot.setCursor({
    left: index < 0 ? -10 : plot.valToPos(index, 'x'),
    top: index < 0 ? -10 : 20,
  })
}

const readWithKeys = (event) => {
  const last = figures.rows.length - 1
  const at = plot.cursor.idx ?? last + 1
  const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key]
  if (event.key === 'Enter' && plot.cursor.idx !== null)
    return zoom(plot.cursor.idx, plot.cursor.idx)
  if (next === undefined) return
  event.preventDefault()
  event.stopPropagation()
  const index = Math.max(0, Math.min(last, next))
  moveTo(index)
  const { row, before, change, name, metric } = describe(index)
  announce(
    [
      name,
      figure(metric, row[metric]),
      before && t('before', { value: figure(metric, before[metric]) }),
      change?.words,
    ]
      .filter(Boolean)
      .join(', '),
  )
}

// Zooming

// The dates from one bucket to another; null where they are what is shown already.
const zoomDates = (first, last) => {
  const { rows, interval } = figures
  const shown = datesOf(figures.period)
  const { from } = bucketDates(rows[first].time, interval)
  const { to } = bucketDates(rows[last].time, interval)
  const dates = {
    from: from < shown.from ? shown.from : from,
    to: to > shown.to ? shown.to : to,
  }
  return dates.from === shown.from && dates.to === shown.to ? null : dates
}

const zoom = (first, last) => {
  const dates = first !== null && first !== undefined && zoomDates(first, last)
  if (dates) go({ period: 'custom', interval: '', ...dates })
}

// Table

const renderTable = () => {
  const { rows, earlier, metric, interval } = figures
  const head = [
    t('timeIn', { zone: zoneName() }),
    t(metric),
    ...(earlier ? [t('vs' + state().compare), t('difference')] : []),
  ]
  root.querySelector('table').replaceChildren(
    h('caption', { class: 'unseen' }, t('chartOf', { metric: t(metric) })),
    h('thead', {}, h('tr', {}, ...head.map((name) => h('th', { scope: 'col' }, name)))),
    h(
      'tbody',
      {},
      ...rows.map((row, index) => {
        const change = earlier && changeWords(metric, row[metric], earlier[index]?.[metric])
        return h(
          'tr',
          {},
          h(
            'th',
            { scope: 'row' },
            bucketName(row.time, interval),
            row.partial ? ` (${t('running')})` : '',
          ),
          h('td', {}, h('data', { value: row[metric] ?? '' }, figure(metric, row[metric]))),
          ...(earlier
            ? [
                h('td', {}, figure(metric, earlier[index]?.[metric])),
                h('td', {}, change ? `${change.arrow} ${change.words}` : '–'),
              ]
            : []),
        )
      }),
    ),
  )
}
