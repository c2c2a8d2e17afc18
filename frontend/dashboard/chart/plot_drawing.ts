// The drawing of the chart: lines on a canvas, by uPlot. Buckets are placed by their number, not
// by time, so that both periods line up and a day of 23 hours leaves no gap.

import uPlot from 'uplot'
import type { SeriesRow } from '../api/types'
import { formatMetric } from '../format/numbers'
import { bucketName } from '../format/times'
import type { Interval, Metric } from '../query/dimensions'
import type { Series } from './series'

const MIN_DRAG_PX = 6 // less is a click
const MAX_MARKED_POINTS = 14
const MAX_HOURS_BY_CLOCK = 50 // more hours are named by their day

// How far apart the lines of the grid may be.
const SHARES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5]
const SECONDS = [
  ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800],
  ...[3600, 7200, 18_000, 36_000, 86_400],
]
const VIEWS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50]
const COUNTS = [...Array(9).keys()].flatMap((power) => [1, 2, 5].map((n) => n * 10 ** power))
const GRID_STEPS: Partial<Record<Metric, number[]>> = {
  bounce_rate: SHARES,
  session_duration: SECONDS,
  engaged_time: SECONDS,
  views_per_session: VIEWS,
}
const LABEL_EVERY: Record<Interval, number[]> = {
  hour: [1, 2, 3, 4, 6, 12, 24, 48, 168, 336],
  day: [1, 2, 3, 7, 14, 28, 91],
  week: [1, 2, 4, 13, 26],
  month: [1, 2, 3, 6, 12],
}

interface PlotEvents {
  onPoint: (index: number | null) => void
  onSelect: (first: number, last: number) => void
}

/** Draw the series into an element of the box, as large as the box. */
export const drawPlot = (
  element: HTMLElement,
  box: HTMLElement,
  series: Series,
  { onPoint, onSelect }: PlotEvents,
): uPlot => {
  const { rows, metric } = series
  const lines = linesOf(series)
  const most = Math.max(0, ...rows.map((row) => row[metric] ?? 0), ...lines.previous.map(Number))
  const look = readLook(box)
  const last = rows.length - 1
  const plot = new uPlot(
    {
      ...roomIn(box),
      padding: [14, 1.75 * look.rem, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        drag: { x: true, y: false, setScale: false, dist: MIN_DRAG_PX },
        points: { size: 9, width: 2 },
      },
      scales: {
        x: { time: false, range: () => (rows.length > 1 ? [0, last] : [-1, 1]) },
        y: { range: () => [0, most ? most * 1.05 : 1] },
      },
      axes: axesOf(series, look),
      series: seriesOptions(series, look),
      hooks: {
        setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)],
        setSelect: [(drawn) => selectDragged(drawn, last, onSelect)],
      },
    },
    [rows.map((_, index) => index), lines.previous, lines.solid, lines.dashed],
    element,
  )
  plot.over.addEventListener('click', () => {
    const { idx } = plot.cursor
    if (plot.select.width < MIN_DRAG_PX && idx !== null && idx !== undefined) onSelect(idx, idx)
  })
  return plot
}

/** Make a plot as large as its box. On paper the stylesheet scales it. */
export const fitPlot = (plot: uPlot, box: HTMLElement): void => {
  if (matchMedia('print').matches || !box.clientWidth) return
  if (plot.width !== roomIn(box).width) plot.setSize(roomIn(box))
}

const roomIn = (box: HTMLElement): { width: number; height: number } => {
  const { paddingLeft, paddingRight, paddingTop, paddingBottom } = getComputedStyle(box)
  const without = (whole: number, ...edges: string[]) =>
    Math.max(50, edges.reduce((left, edge) => left - parseFloat(edge), whole))
  return {
    width: without(box.clientWidth, paddingLeft, paddingRight),
    height: without(box.clientHeight, paddingTop, paddingBottom),
  }
}

type Line = (number | null)[]

/** The comparison; the buckets that are over; and from the last of them to the one in progress. */
const linesOf = ({ rows, previous, metric }: Series): Record<'previous' | 'solid' | 'dashed', Line> => {
  const partial = partialIndex(rows)
  const only = (isShown: (index: number) => boolean): Line =>
    rows.map((row, index) => (isShown(index) ? row[metric] : null))
  return {
    previous: rows.map((_, index) => previous?.[index]?.[metric] ?? null),
    solid: only((index) => partial < 0 || index < partial || rows.length === 1),
    dashed: only((index) => partial > 0 && (index === partial - 1 || index === partial)),
  }
}

const partialIndex = (rows: SeriesRow[]): number => rows.findIndex((row) => row.partial)

/** Colours and sizes as the stylesheet has them now. */
interface Look {
  rem: number
  font: string
  accent: string
  earlier: string
  line: string
  panel: string
  muted: string
}

const readLook = (box: HTMLElement): Look => {
  const probe = box.appendChild(document.createElement('i'))
  probe.hidden = true
  const colour = (name: string): string => {
    probe.style.color = `var(--${name})`
    return getComputedStyle(probe).color
  }
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize)
  const look = {
    rem,
    font: `${0.75 * rem}px ${getComputedStyle(document.body).fontFamily}`,
    accent: colour('accent'),
    earlier: colour('earlier'),
    line: colour('line'),
    panel: colour('panel'),
    muted: colour('muted'),
  }
  probe.remove()
  return look
}

const seriesOptions = ({ rows, previous }: Series, look: Look): uPlot.Series[] => {
  const isShort = rows.length <= MAX_MARKED_POINTS
  const partial = partialIndex(rows)
  const paths = uPlot.paths.spline?.()
  const points: uPlot.Series.Points = { show: isShort, size: 6, width: 2, fill: look.panel }
  const line: uPlot.Series = {
    stroke: look.accent,
    width: 2.25,
    points,
    fill: (plot) => shade(plot, look.accent),
    ...(paths && { paths }),
  }
  const endPoint: uPlot.Series.Points = {
    ...points,
    show: isShort || partial >= 0,
    filter: (_plot, _index, isShown) => (isShown ? [partial] : null),
  }
  return [
    {},
    {
      stroke: look.earlier,
      width: 1.5,
      points: { show: false },
      show: previous !== null,
      ...(paths && { paths }),
    },
    line,
    { ...line, dash: [4, 4], points: endPoint },
  ]
}

const shade = ({ bbox: { top, height }, ctx }: uPlot, accent: string): CanvasGradient => {
  const gradient = ctx.createLinearGradient(0, top, 0, top + height)
  const rgb = (accent.match(/[\d.]+/g) ?? []).slice(0, 3).join(' ')
  gradient.addColorStop(0, `rgb(${rgb} / 0.22)`)
  gradient.addColorStop(1, `rgb(${rgb} / 0)`)
  return gradient
}

const axesOf = ({ rows, metric, period: { interval } }: Series, look: Look): uPlot.Axis[] => {
  const { rem, font, muted, line } = look
  const axis: uPlot.Axis = {
    stroke: muted,
    font,
    gap: 6,
    ticks: { show: false },
    grid: { stroke: line, width: 1 },
  }
  const isByDay = interval === 'hour' && rows.length > MAX_HOURS_BY_CLOCK
  const nameOf = (at: number): string => {
    const row = rows[at]
    return row ? bucketName(row.time, isByDay ? 'day' : interval, { short: true }) : ''
  }
  return [
    {
      ...axis,
      grid: { show: false },
      size: 2 * rem,
      splits: ({ width }) => labelled(rows.length, interval, (width - 4 * rem) / (4.25 * rem)),
      values: (_plot, splits) => splits.map(nameOf),
    },
    {
      ...axis,
      size: 3.25 * rem,
      incrs: GRID_STEPS[metric] ?? COUNTS,
      space: 2.25 * rem,
      values: (_plot, splits) =>
        splits.map((value) => formatMetric(metric, value, { short: true })),
    },
  ]
}

/** Which buckets have a label: as many as there is room for, at even steps. */
const labelled = (count: number, interval: Interval, room: number): number[] => {
  const most = Math.max(2, Math.floor(room))
  const step =
    LABEL_EVERY[interval].find((every) => count / every <= most) ?? Math.ceil(count / most)
  return [...Array(count).keys()].filter((index) => index % step === 0)
}

const selectDragged = (plot: uPlot, last: number, onSelect: PlotEvents['onSelect']): void => {
  const { left, width } = plot.select
  if (width < MIN_DRAG_PX) return
  const bucketAt = (place: number) =>
    Math.max(0, Math.min(last, Math.round(plot.posToVal(place, 'x'))))
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
  onSelect(bucketAt(left), bucketAt(left + width))
}
