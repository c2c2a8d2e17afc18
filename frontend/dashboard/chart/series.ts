// What the chart shows, and what is said about it. No drawing.

import type { SeriesRow, StatsPeriod } from '../api/types'
import { formatChange, type Change } from '../format/change'
import { formatMetric } from '../format/numbers'
import { bucketName } from '../format/times'
import { label, t } from '../i18n/translate'
import { bucketDates, datesOfPeriod, type DateRange } from '../query/dates'
import type { Comparison, Metric } from '../query/dimensions'

export interface Series {
  rows: SeriesRow[]
  previous: SeriesRow[] | null
  metric: Metric
  period: StatsPeriod
  comparison: Comparison
}

interface BucketText {
  name: string
  value: string
  isPartial: boolean
  previous: { name: string; value: string } | null
  change: Change | null
}

/** One bucket in words, beside the one that it is compared with. */
export const describeBucket = (series: Series, index: number): BucketText | null => {
  const { rows, previous, metric, period } = series
  const row = rows[index]
  if (!row) return null
  const before = previous?.[index]
  return {
    name: bucketName(row.time, period.interval),
    value: formatMetric(metric, row[metric]),
    isPartial: row.partial,
    previous: before
      ? {
          name: bucketName(before.time, period.interval),
          value: formatMetric(metric, before[metric]),
        }
      : null,
    change: before ? formatChange(metric, row[metric], before[metric]) : null,
  }
}

/** One bucket as a sentence to be read out. */
export const readBucket = (series: Series, index: number): string => {
  const bucket = describeBucket(series, index)
  if (!bucket) return ''
  const { name, value, previous, change } = bucket
  const before = previous && t('before', { value: previous.value })
  return [name, value, before, change?.text].filter(Boolean).join(', ')
}

/** The whole chart in a sentence, for readers who do not see it. */
export const summarizeSeries = ({ rows, metric, period }: Series): string => {
  const name = label('metrics', metric)
  const known = rows.flatMap((row) => (row[metric] === null ? [] : [{ row, value: row[metric] }]))
  const [first, last] = [rows[0], rows.at(-1)]
  const [any] = known
  if (!any || !first || !last) return `${t('chartOf', { metric: name })}. ${t('chartEmpty')}`
  const most = known.reduce((a, b) => (b.value > a.value ? b : a), any)
  const least = known.reduce((a, b) => (b.value < a.value ? b : a), any)
  const when = (row: SeriesRow) => bucketName(row.time, period.interval)
  return t('chartSummary', {
    metric: name,
    n: rows.length,
    from: when(first),
    to: when(last),
    most: formatMetric(metric, most.value),
    mostAt: when(most.row),
    least: formatMetric(metric, least.value),
    leastAt: when(least.row),
  })
}

/** The dates from one bucket to another. Null if they are those that are shown already. */
export const zoomDates = ({ rows, period }: Series, first: number, last: number): DateRange | null => {
  const [from, to] = [rows[first], rows[last]]
  if (!from || !to) return null
  const shown = datesOfPeriod(period)
  const start = bucketDates(from.time, period.interval).from
  const end = bucketDates(to.time, period.interval).to
  const dates = {
    from: start < shown.from ? shown.from : start,
    to: end > shown.to ? shown.to : end,
  }
  return dates.from === shown.from && dates.to === shown.to ? null : dates
}

/** Whether there is anything to draw. */
export const hasValues = ({ rows, previous, metric }: Series): boolean =>
  [...rows, ...(previous ?? [])].some((row) => row[metric])
