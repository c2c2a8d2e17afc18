// Times as the reader's language writes them, all in one zone: that of the view, or the site's.

import { cached } from '../i18n/locale'
import { escapeBidi } from './safe_text'
import { t } from '../i18n/translate'
import type { Interval } from '../query/dimensions'

let zone: string | null = null
let isKnownZone = false // an old browser may not know a new zone

/** Write all times in this zone from now on. */
export const setZone = (name: string | null): void => {
  zone = name || null
  try {
    isKnownZone = zone !== null && Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }))
  } catch {
    isKnownZone = false
  }
}

export const zoneName = (): string => (zone ? escapeBidi(zone) : t('unknownZone'))

const write = (time: Date, options: Intl.DateTimeFormatOptions): string =>
  formatter(options).format(time)
const formatter = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  cached('date', options, (name) => new Intl.DateTimeFormat(name, options))

/** What the clock of the answer's zone shows, as a time in UTC. */
const wallTime = (time: string): Date => new Date(`${time.slice(0, 19)}Z`)

// In the zone of the page. In one that the browser does not know, as the answer writes it, which
// is in the zone of the site.
const writeInZone = (time: string, options: Intl.DateTimeFormatOptions): string =>
  isKnownZone && zone
    ? write(new Date(time), { ...options, timeZone: zone })
    : write(wallTime(time), { ...options, timeZone: 'UTC' })

const CLOCK = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
const DAY = { day: 'numeric', month: 'short' } as const

/** The name of a bucket of the chart, as its answer writes it and in no other zone. */
export const bucketName = (time: string, interval: Interval, { short = false } = {}): string => {
  const named = (options: Intl.DateTimeFormatOptions) =>
    write(wallTime(time), { timeZone: 'UTC', ...options })
  if (interval === 'hour') return named(short ? CLOCK : { weekday: 'short', ...DAY, ...CLOCK })
  if (interval === 'month') return named({ month: short ? 'short' : 'long', year: 'numeric' })
  return named(short ? DAY : { weekday: 'short', ...DAY, year: 'numeric' })
}

export const formatDates = (from: string, to: string): string =>
  formatter({ timeZone: 'UTC', ...DAY, year: 'numeric' }).formatRange(new Date(from), new Date(to))

export const formatDay = (time: string): string => writeInZone(time, DAY)

export const formatClock = (time: string, { seconds = false, date = false } = {}): string =>
  writeInZone(time, { ...CLOCK, ...(seconds && { second: '2-digit' }), ...(date && DAY) })

/** With the date and the zone, which tell an hour from the one that a clock change repeats. */
export const formatMoment = (time: string): string =>
  writeInZone(time, {
    ...DAY,
    year: 'numeric',
    ...CLOCK,
    second: '2-digit',
    ...(isKnownZone && { timeZoneName: 'short' }),
  })

const AGO_UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const

/** "5 min. ago", or "in 5 min." for what is to come. */
export const formatAgo = (time: string, now = Date.now()): string => {
  const away = Math.round((Date.parse(time) - now) / 1000)
  const seconds = Math.abs(away) < 3 ? 0 : away
  const relative = cached(
    'relative',
    {},
    (name) => new Intl.RelativeTimeFormat(name, { numeric: 'auto', style: 'narrow' }),
  )
  const [unit, size] = AGO_UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1]
  return relative.format(Math.trunc(seconds / size), unit)
}

/** The days of the week from Monday on. */
export const weekdays = ({ long = false } = {}): string[] =>
  [...Array(7).keys()].map((day) =>
    write(new Date(Date.UTC(2024, 0, 1 + day)), {
      weekday: long ? 'long' : 'short',
      timeZone: 'UTC',
    }),
  )

export const hourName = (hour: number): string =>
  write(new Date(Date.UTC(2024, 0, 1, hour)), { ...CLOCK, timeZone: 'UTC' })
