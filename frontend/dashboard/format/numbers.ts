// Numbers and durations as the reader's language writes them.

import { cached, formatNumber } from '../i18n/locale'
import type { Metric } from '../query/dimensions'

export { formatNumber } from '../i18n/locale'

const write = (value: number, options: Intl.NumberFormatOptions): string =>
  cached('number', options, (name) => new Intl.NumberFormat(name, options)).format(value)

const formatCompact = (value: number): string =>
  write(value, { notation: 'compact', maximumFractionDigits: 1 })

export const formatPercent = (value: number, digits = 1): string =>
  write(value, { style: 'percent', maximumFractionDigits: digits })

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const

/** Whole seconds as "3m 12s": the two largest units. */
export const formatDuration = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds))
  const first = UNITS.findIndex(([, size]) => whole >= size)
  if (first < 0) return formatUnit(0, 'second')
  const [[unit, size], smaller] = [UNITS[first] ?? UNITS[3], UNITS[first + 1]]
  const parts = [formatUnit(Math.floor(whole / size), unit)]
  const rest = smaller ? Math.floor((whole % size) / smaller[1]) : 0
  if (smaller && rest) parts.push(formatUnit(rest, smaller[0]))
  return parts.join(' ')
}

const formatUnit = (count: number, unit: string): string =>
  write(count, { style: 'unit', unit, unitDisplay: 'narrow' })

export type AnyMetric = Metric | 'events' | 'share' | 'scroll_depth'

/** The value of a metric in its own unit; a dash if there is none. */
export const formatMetric = (
  metric: AnyMetric,
  value: number | null | undefined,
  { short = false } = {},
): string => {
  if (value === null || value === undefined) return '–'
  if (metric === 'bounce_rate' || metric === 'share') return formatPercent(value)
  if (metric === 'scroll_depth') return formatPercent(value / 100, 0)
  if (metric === 'session_duration' || metric === 'engaged_time') return formatDuration(value)
  return short ? formatCompact(value) : formatNumber(value)
}
