// Dates are `YYYY-MM-DD`, counted in UTC so that no time zone shifts them.

import { PERIODS, type Interval, type Period } from './dimensions'

const DAY_MS = 86_400_000

export interface DateRange {
  from: string
  to: string
}

/** A range of dates that covers this many whole calendar months; 0 if it does not. */
interface Span extends DateRange {
  months: number
}

/** What of the URL's state chooses the period. */
interface PeriodChoice extends DateRange {
  period: Period
}

export const isDate = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text))

const isoDate = (time: number): string => new Date(time).toISOString().slice(0, 10)

export const addDays = (date: string, days: number): string =>
  isoDate(Date.parse(date) + days * DAY_MS)

/** The first day of the month that is so many months away. */
const addMonths = (date: string, months: number): string => {
  const { year, month } = yearAndMonth(date)
  return isoDate(Date.UTC(year, month - 1 + months, 1))
}

const yearAndMonth = (date: string) => ({
  year: Number(date.slice(0, 4)),
  month: Number(date.slice(5, 7)),
})

const endOfMonth = (date: string): string => addDays(addMonths(date, 1), -1)

/** Today's date in a zone; in the reader's own if the zone is not known. */
export const todayIn = (zone: string | null, now = Date.now()): string => {
  const write = (timeZone?: string) =>
    new Intl.DateTimeFormat('en-CA', { timeZone }).format(now)
  try {
    return write(zone ?? undefined)
  } catch {
    return write()
  }
}

const DAYS: Partial<Record<Period, number>> = { today: 1, '7d': 7, '28d': 28, '30d': 30, '91d': 91 }
const MONTHS: Partial<Record<Period, number>> = { month: 1, '6mo': 6, '12mo': 12 }

/** The dates of a period. Null for the last 24 hours and all time, which are not dates. */
export const spanOf = ({ period, from, to }: PeriodChoice, today: string): Span | null => {
  const yesterday = addDays(today, -1)
  if (period === 'custom') return { from, to, months: wholeMonths(from, to, today) }
  if (period === 'yesterday') return { from: yesterday, to: yesterday, months: 0 }
  if (period === 'year') return { from: `${today.slice(0, 4)}-01-01`, to: today, months: 12 }
  const days = DAYS[period]
  if (days) return { from: addDays(today, 1 - days), to: today, months: 0 }
  const months = MONTHS[period]
  return months ? { from: addMonths(today, 1 - months), to: today, months } : null
}

/** How many calendar months a range is, the current one counted as whole; 0 for any other. */
const wholeMonths = (from: string, to: string, today: string): number => {
  const isWhole = from.endsWith('-01') && (to === endOfMonth(to) || (to === today && from !== to))
  if (!isWhole) return 0
  const [first, last] = [yearAndMonth(from), yearAndMonth(to)]
  return (last.year - first.year) * 12 + (last.month - first.month) + 1
}

/**
 * The period before (-1) or after (1) a period: as many days, or as many calendar months if it
 * is made of those, by its name if it has one. Null if it would be in the future.
 */
export const stepPeriod = (
  choice: PeriodChoice,
  direction: -1 | 1,
  today: string,
): PeriodChoice | null => {
  const span = spanOf(choice.period === '24h' ? { ...choice, period: 'today' } : choice, today)
  if (!span) return null
  const { from, to, months } = span
  const days = Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1
  const first = months ? addMonths(from, direction * months) : addDays(from, direction * days)
  const end = months ? endOfMonth(addMonths(first, months - 1)) : addDays(first, days - 1)
  const last = end < today ? end : today
  if (first > today) return null
  const named = PERIODS.find((period) => {
    const other = spanOf({ period, from: '', to: '' }, today)
    return other?.from === first && other.to === last && other.months === months
  })
  return named
    ? { period: named, from: '', to: '' }
    : { period: 'custom', from: first, to: last }
}

/** The dates of an answer's period, whose `to` is the first moment after it. */
export const datesOfPeriod = ({ from, to }: DateRange): DateRange => {
  const [first, end] = [from.slice(0, 10), to.slice(0, 10)]
  const last = to.slice(11, 19) === '00:00:00' ? addDays(end, -1) : end
  return { from: first, to: last < first ? first : last }
}

/** The dates that a bucket of the chart covers, both included. */
export const bucketDates = (time: string, interval: Interval): DateRange => {
  const date = time.slice(0, 10)
  if (interval === 'week') return { from: date, to: addDays(date, 6) }
  return { from: date, to: interval === 'month' ? endOfMonth(date) : date }
}
