// The drawing of the chart: lines on a canvas, through uPlot. What they mean is dashboard_chart.js's.
// Buckets stand side by side by number, not by clock, so both periods line up and no hour is odd.

import uPlot from './uPlot.esm.js'
import { h } from './dashboard_dom.js'
import { bucketName, figure } from './dashboard_texts.js'

const LEAST_DRAG = 6 // pixels; less is a click
const KINDS = {
  bounce_rate: 'share',
  session_duration: 'time',
  engaged_time: 'time',
  views_per_session: 'views',
}
// What the lines of the grid may lie apart.
const STEPS = {
  share: [0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5],
  time: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 18_000, 36_000, 86_400],
  views: [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50],
  count: [...Array(9).keys()].flatMap((power) => [1, 2, 5].map((n) => n * 10 ** power)),
}
const LABEL_EVERY = {
  hour: [1, 2, 3, 4, 6, 12, 24, 48, 168, 336],
  day: [1, 2, 3, 7, 14, 28, 91],
  week: [1, 2, 4, 13, 26],
  month: [1, 2, 3, 6, 12],
}

// Draw the figures of the chart into a box. `pointed(index)` hears where the pointer is, null for
// nowhere; `chosen(first, last)` which buckets were clicked or dragged over.
export const drawPlot = (box, figures, { pointed, chosen }) => {
  const { rows, metric } = figures
  const { before, solid, dashed } = lines(figures)
  const most = Math.max(0, ...rows.map((row) => row[metric] ?? 0), ...before)
  const look = looks(box)
  const plot = new uPlot(
    {
      ...roomIn(box),
      padding: [14, 1.75 * look.rem, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        drag: { x: true, y: false, setScale: false, dist: LEAST_DRAG },
        points: { size: 9, width: 2 },
      },
      scales: {
        x: { time: false, range: () => (rows.length > 1 ? [0, rows.length - 1] : [-1, 1]) },
        y: { range: () => [0, most ? most * 1.05 : 1] },
      },
      axes: axes(figures, look),
      series: series(figures, look),
      hooks: {
        setCursor: [(u) => pointed(u.cursor.idx ?? null)],
        setSelect: [(u) => dragged(u, rows.length - 1, chosen)],
      },
    },
    [rows.map((_, index) => index), before, solid, dashed],
    box,
  )
  plot.over.addEventListener('click', () => {
    if (plot.select.width < LEAST_DRAG) chosen(plot.cursor.idx, plot.cursor.idx)
  })
  return plot
}

// Make a plot as large as its box, where it is not yet. On paper the stylesheet scales it.
export const fitPlot = (plot, box) => {
  if (matchMedia('print').matches) return
  if (plot && box.clientWidth && plot.width !== roomIn(box).width) plot.setSize(roomIn(box))
}

const roomIn = (box) => {
  const style = getComputedStyle(box)
  const without = (whole, ...edges) =>
    Math.max(
      50,
      edges.reduce((left, edge) => left - parseFloat(style[edge]), whole),
    )
  return {
    width: without(box.clientWidth, 'paddingLeft', 'paddingRight'),
    height: without(box.clientHeight, 'paddingTop', 'paddingBottom'),
  }
}

// The comparison; the buckets that are over; and the way from the last of them to the running one.
const lines = ({ rows, earlier, metric }) => {
  const running = runningOf(rows)
  const values = rows.map((row) => row[metric] ?? null)
  const only = (isMeant) => values.map((value, index) => (isMeant(index) ? value : null))
  return {
    before: rows.map((_, index) => earlier?.[index]?.[metric] ?? null),
    solid: only((index) => running < 0 || index < running || rows.length === 1),
    dashed: only((index) => running > 0 && (index === running - 1 || index === running)),
  }
}

const runningOf = (rows) => rows.findIndex((row) => row.partial)

// Colours and sizes as the stylesheet has them now, in light or dark.
const looks = (box) => {
  const colour = (name) => {
    const probe = box.appendChild(h('i', { hidden: true }))
    probe.style.color = `var(--${name})`
    const found = getComputedStyle(probe).color
    probe.remove()
    return found
  }
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize)
  return {
    rem,
    font: `${0.75 * rem}px ${getComputedStyle(document.body).fontFamily}`,
    accent: colour('accent'),
    earlier: colour('earlier'),
    grid: colour('line'),
    panel: colour('panel'),
    text: colour('quiet'),
  }
}

const series = ({ rows, earlier }, { accent, earlier: pale, panel }) => {
  const isShort = rows.length <= 14
  const running = runningOf(rows)
  const paths = uPlot.paths.spline()
  const points = { show: isShort, size: 6, width: 2, fill: panel }
  const line = { stroke: accent, width: 2.25, paths, points, fill: (u) => shade(u, accent) }
  const endPoint = {
    ...points,
    show: isShort || running >= 0,
    filter: (u, index, isShown) => (isShown ? [running] : null),
  }
  return [
    {},
    { stroke: pale, width: 1.5, paths, points: { show: false }, show: Boolean(earlier) },
    line,
    { ...line, dash: [4, 4], points: endPoint },
  ]
}

const shade = (u, accent) => {
  const { top, height } = u.bbox
  const found = u.ctx.createLinearGradient(0, top, 0, top + height)
  const rgb = accent
    .match(/[\d.]+/g)
    .slice(0, 3)
    .join(' ')
  found.addColorStop(0, `rgb(${rgb} / 0.22)`)
  found.addColorStop(1, `rgb(${rgb} / 0)`)
  return found
}

const axes = ({ rows, metric, interval }, { rem, font, text, grid }) => {
  const axis = {
    stroke: text,
    font,
    gap: 6,
    ticks: { show: false },
    grid: { stroke: grid, width: 1 },
  }
  // Hours of more than two days are named by their day.
  const named = interval === 'hour' && rows.length > 50 ? 'day' : interval
  const name = (at) => (rows[at] ? bucketName(rows[at].time, named, { short: true }) : '')
  return [
    {
      ...axis,
      grid: { show: false },
      size: 2 * rem,
      splits: (u) => labelled(rows.length, interval, (u.width - 4 * rem) / (4.25 * rem)),
      values: (u, splits) => splits.map(name),
    },
    {
      ...axis,
      size: 3.25 * rem,
      incrs: STEPS[KINDS[metric] ?? 'count'],
      space: 2.25 * rem,
      values: (u, splits) => splits.map((value) => figure(metric, value, { short: true })),
    },
  ]
}

// Which buckets have a label: as many as there is room for, at even steps.
const labelled = (count, interval, room) => {
  const most = Math.max(2, Math.floor(room))
  const step =
    LABEL_EVERY[interval].find((every) => count / every <= most) ?? Math.ceil(count / most)
  return [...Array(count).keys()].filter((index) => index % step === 0)
}

const dragged = (u, last, chosen) => {
  const { left, width } = u.select
  if (width < LEAST_DRAG) return
  const at = (place) => Math.max(0, Math.min(last, Math.round(u.posToVal(place, 'x'))))
  u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
  chosen(at(left), at(left + width))
}
