// Texts, numbers, dates and names, as the reader's language writes them.

import { ENGLISH } from './dashboard_texts_en.js'

let table = ENGLISH
export let language = 'en'

// Choose the language: as set here, else as the browser prefers.
export const chooseLanguage = async (wanted) => {
  const preferred =
    wanted ??
    navigator.languages
      ?.map((name) => name.slice(0, 2))
      .find((name) => ['en', 'ko'].includes(name))
  if (preferred === 'ko') {
    table = (await import('./dashboard_texts_ko.js')).KOREAN
    language = 'ko'
  }
  const region = navigator.languages?.find((name) => name.startsWith(`${language}-`))
  locale = region ?? (language === 'ko' ? 'ko-KR' : 'en')
  document.documentElement.lang = language
}

// The text of a key, with its gaps filled.
export const t = (key, values = {}) => {
  let text = table[key] ?? ENGLISH[key] ?? key
  if (typeof text === 'object') text = text[plural(values.n)] ?? text.other
  return text.replace(/\{(\w+)\}/g, (gap, name) => {
    const value = values[name] ?? gap
    return typeof value === 'number' ? number(value) : value
  })
}

// A name out of a group of texts, or the name itself.
export const named = (group, name) =>
  Object.hasOwn(table[group], name) ? table[group][name] : name

// Numbers, dates and names, as the reader's language writes them.

let locale = 'en'
const made = new Map()
const intl = (kind, options = {}) => {
  const key = kind + locale + JSON.stringify(options)
  if (!made.has(key)) made.set(key, new Intl[kind](locale, options))
  return made.get(key)
}

const plural = (n) => intl('PluralRules').select(n ?? 0)
export const number = (value) =>
  intl('NumberFormat', { maximumFractionDigits: 2 }).format(value)
export const compactNumber = (value) =>
  intl('NumberFormat', { notation: 'compact', maximumFractionDigits: 1 }).format(value)
export const percent = (value, digits = 1) =>
  intl('NumberFormat', { style: 'percent', maximumFractionDigits: digits }).format(value)

// Whole seconds as "3m 12s"; the two largest units at most.
export const duration = (seconds) => {
  const all = Math.max(0, Math.round(seconds))
  const parts = [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
    ['second', 1],
  ]
  const first = Math.max(
    0,
    parts.findIndex(([, size]) => all >= size),
  )
  if (all === 0) return unit(0, 'second')
  return parts
    .slice(first, first + 2)
    .map(([name, size], index) => [
      name,
      Math.floor((index ? all % parts[first][1] : all) / size),
    ])
    .filter(([, count]) => count)
    .map(([name, count]) => unit(count, name))
    .join(' ')
}
const unit = (count, name) =>
  intl('NumberFormat', { style: 'unit', unit: name, unitDisplay: 'narrow' }).format(count)

// A figure as its metric is written; none is a dash.
export const figure = (metric, value, { short = false } = {}) => {
  if (value === null || value === undefined) return '–'
  if (metric === 'bounce_rate' || metric === 'share') return percent(value)
  if (metric === 'scroll_depth') return percent(value / 100, 0)
  if (metric === 'session_duration' || metric === 'engaged_time') return duration(value)
  return short ? compactNumber(value) : number(value)
}

// A bucket's time as the site's clock shows it: what the answer says, in no other zone.
export const bucketName = (time, interval, { short = false } = {}) => {
  const write = (options) =>
    intl('DateTimeFormat', { timeZone: 'UTC', ...options }).format(wallTime(time))
  if (interval === 'hour') {
    if (short) return write({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
    return write({
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
  }
  if (interval === 'month') return write({ month: short ? 'short' : 'long', year: 'numeric' })
  if (short) return write({ day: 'numeric', month: 'short' })
  return write({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' })
}
export const dateRange = (from, to) =>
  intl('DateTimeFormat', {
    timeZone: 'UTC',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  }).formatRange(new Date(from), new Date(to))

// The zone of all times on the page: that of the view, else the site's.
let zone = null
let isKnown = false // whether this browser knows the zone; an old one may not know a new zone
export const useZone = (name) => {
  zone = name || null
  try {
    isKnown = Boolean(zone) && Boolean(intl('DateTimeFormat', { timeZone: zone }))
  } catch {
    isKnown = false
  }
}
export const zoneName = () => (zone ? plain(zone) : t('zoneUnknown'))

// A moment of an answer, in the zone of the page. Where that is not known: as the answer writes
// it, which is in the zone of the site.
const inZone = (time, options) =>
  intl('DateTimeFormat', { timeZone: isKnown ? zone : 'UTC', ...options }).format(
    isKnown ? new Date(time) : wallTime(time),
  )
const wallTime = (time) => new Date(`${time.slice(0, 19)}Z`)
export const dayName = (time) => inZone(time, { day: 'numeric', month: 'short' })
export const clock = (time, { seconds = false, date = false } = {}) =>
  inZone(time, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...(seconds && { second: '2-digit' }),
    ...(date && { day: 'numeric', month: 'short' }),
  })

// The same with its date and the name of the zone, which tells an hour from the one that a
// change of the clocks repeats.
export const moment = (time) =>
  inZone(time, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    ...(isKnown && { timeZoneName: 'short' }),
  })
export const ago = (time, now = Date.now()) => {
  const away = Math.round((Date.parse(time) - now) / 1000)
  const seconds = Math.abs(away) < 3 ? 0 : away
  const relative = intl('RelativeTimeFormat', { numeric: 'auto', style: 'narrow' })
  for (const [name, size] of [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ]) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), name)
  }
  return relative.format(seconds, 'second')
}
export const weekdays = ({ long = false } = {}) =>
  [...Array(7).keys()].map((day) =>
    intl('DateTimeFormat', { weekday: long ? 'long' : 'short', timeZone: 'UTC' }).format(
      new Date(Date.UTC(2024, 0, 1 + day)),
    ),
  )
export const hourName = (hour) =>
  intl('DateTimeFormat', {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: 'UTC',
  }).format(new Date(Date.UTC(2024, 0, 1, hour)))

// What a dimension is called when one of its values is meant.
export const dimensionName = (dimension) => {
  if (dimension.startsWith('prop:')) return t('one_prop', { name: dimension.slice(5) })
  return dimension.startsWith('utm_') ? t(dimension) : t(`one_${dimension}`)
}

// What a row of a list is called. A list that is too long ends in a row of all the others; in any
// other list, "(other)" is a value like any.
export const isRest = (value, dimension, answer) =>
  value === '(other)' && answer.meta.cut.includes(dimension)
export const rowName = (dimension, value, answer) =>
  isRest(value, dimension, answer) ? t('other') : valueName(dimension, value)

// A text that cannot turn itself around: the marks that reverse its letters are made visible.
export const plain = (text) => String(text).replace(/[\u202a-\u202e\u2066-\u2069]/g, '\ufffd')

// What percent-encoding hides, as the address bar of a browser shows it: letters, but nothing
// that cannot be seen. ASCII stays as it is, so that a text decoded before is not decoded twice.
export const decoded = (text) =>
  String(text).replace(/(?:%[89a-f][0-9a-f])+/gi, (run) => {
    try {
      return decodeURIComponent(run).replace(UNSEEN, encodeURIComponent)
    } catch {
      return run
    }
  })
const UNSEEN = /(?![\u200c\u200d])[\p{C}\p{Z}]/gu

// The path or the URL of a page, for reading.
export const pageName = (page) => (page ? plain(decoded(page)) : '–')

// A property; it may hold a URL, as those of the tracker's own events do.
export const propName = (value) => plain(/^https?:/i.test(value) ? decoded(value) : value)

// A value as people call it: "Germany", "Korean", "Direct / none".
export const valueName = (dimension, value) => {
  if (value === null || value === undefined || value === '') {
    if (dimension.startsWith('utm_')) return t('none_utm')
    return dimension === 'source' || dimension === 'referrer' ? t('none_source') : t('none_any')
  }
  if (dimension.startsWith('prop:')) return propName(value)
  if (dimension === 'page' || dimension.endsWith('_page')) return pageName(value)
  const text = plain(value)
  if (dimension === 'referrer')
    return pageName(text.replace(/^https?:\/\/(www\.)?/, '').replace(/\/$/, '') || text)
  if (dimension === 'country') return displayName('region', text)
  if (dimension === 'language') return displayName('language', text)
  if (dimension === 'region') {
    const [country, part] = text.split('-')
    return part ? `${part}, ${displayName('region', country)}` : text
  }
  if (dimension === 'hour_of_week')
    return `${weekdays()[Math.floor(value / 24)]} ${hourName(value % 24)}`
  if (dimension === 'channel') return named('channels', text)
  if (dimension === 'device') return named('deviceNames', text)
  return text
}
const displayName = (type, code) => {
  try {
    return intl('DisplayNames', { type, languageDisplay: 'standard' }).of(code) ?? code
  } catch {
    return code
  }
}

// The flag of a country as the two letters that become one.
export const flag = (code) =>
  /^[A-Z]{2}$/.test(code ?? '')
    ? String.fromCodePoint(...[...code].map((letter) => 0x1f1a5 + letter.charCodeAt(0)))
    : ''
