// The URL is the state. Everything that a view depends on is a parameter of the page's own
// address, so that a link reproduces it and Back goes back. Parameters at their default are left out.

import { decoded } from './dashboard_texts.js'

export const PERIODS = [
  'today',
  'yesterday',
  '24h',
  '7d',
  '28d',
  '30d',
  '91d',
  'month',
  '6mo',
  '12mo',
  'year',
  'all',
]
export const INTERVALS = ['hour', 'day', 'week', 'month']
export const METRICS = [
  'visitors',
  'sessions',
  'pageviews',
  'views_per_session',
  'bounce_rate',
  'session_duration',
  'engaged_time',
]

// The cards, their tabs, and the dimensions that each tab can show; the first tab is the default.
export const CARDS = {
  sources: {
    source: ['source'],
    channel: ['channel'],
    referrer: ['referrer'],
    campaign: ['utm_campaign', 'utm_source', 'utm_medium', 'utm_term', 'utm_content'],
  },
  pages: {
    page: ['page'],
    entry_page: ['entry_page'],
    exit_page: ['exit_page'],
    hostname: ['hostname'],
  },
  locations: {
    country: ['country'],
    region: ['region'],
    city: ['city'],
    language: ['language'],
  },
  devices: {
    device: ['device'],
    browser: ['browser', 'browser_version'],
    os: ['os', 'os_version'],
    screen: ['screen'],
  },
  events: { event: ['event'], prop: ['prop'] },
}

const DEFAULTS = {
  view: 'overview',
  site: '',
  period: '7d',
  from: '',
  to: '',
  interval: '',
  compare: 'previous_period',
  filters: '',
  metric: 'visitors',
  timezone: '',
  sources: 'source',
  pages: 'page',
  locations: 'country',
  devices: 'device',
  events: 'event',
  prop: '',
  table: '',
  all: '',
  session: '',
}

// What any panel may ask of the page; dashboard.js fills it in, so that no panel imports the start.
export const actions = {}

const listeners = []
let current = { ...DEFAULTS }

// Read a state from a query string; what it does not name has its default.
export const parseState = (query) => {
  const given = new URLSearchParams(query)
  const state = Object.fromEntries(
    Object.entries(DEFAULTS).map(([name, value]) => [name, given.get(name) ?? value]),
  )
  const isCustom = state.period === 'custom' && isDate(state.from) && isDate(state.to)
  if (!isCustom && !PERIODS.includes(state.period)) state.period = DEFAULTS.period
  if (!METRICS.includes(state.metric)) state.metric = DEFAULTS.metric
  if (!INTERVALS.includes(state.interval)) state.interval = ''
  return state
}

// Write a state as a query string, readable: what a URL allows to stand as it is, does.
export const formatState = (state) =>
  Object.entries(state)
    .filter(([name, value]) => value !== DEFAULTS[name])
    .map(([name, value]) => `${name}=${readable(value)}`)
    .join('&')

const readable = (value) =>
  encodeURIComponent(value).replace(/%(2F|3A|3D|2C|3B|7C|40)/g, (code) =>
    decodeURIComponent(code),
  )

// The state that the page shows.
export const state = () => current

// The address of this page in another state.
export const addressOf = (changes) => {
  const query = formatState({ ...current, ...changes })
  return query ? `?${query}` : location.pathname
}

// Go to another state. `replace` leaves no step to go back to: for what is no view of its own.
export const go = (changes, { replace = false } = {}) => {
  const address = addressOf(changes)
  const before = current
  current = { ...current, ...changes }
  if (replace) history.replaceState(null, '', address)
  else if (formatState(before) !== formatState(current)) history.pushState(null, '', address)
  listeners.forEach((listener) => listener(current, before))
}

// Call the listener with the new and the old state at each change, Back and Forward included.
export const onStateChange = (listener) => listeners.push(listener)

export const startState = () => {
  current = parseState(location.search)
  addEventListener('popstate', () => {
    const before = current
    current = parseState(location.search)
    listeners.forEach((listener) => listener(current, before))
  })
}

// Filters: `dimension==value|value;dimension!~part`, with \ before a ; | or \ that is meant.

// Read filters into [{dimension, operator, values}]; what cannot be read is left out.
export const parseFilters = (text) =>
  splitUnescaped(text, ';').flatMap((part) => {
    const found = /^([a-z_]+|prop:(?:\\.|[^\\])+?)(==|!=|=~|!~)(.*)$/s.exec(part)
    if (!found) return []
    const [, dimension, operator, values] = found
    return [{ dimension: unescaped(dimension), operator, values: splitUnescaped(values, '|').map(unescaped) }]
  })

export const formatFilters = (filters) =>
  filters
    .map(
      ({ dimension, operator, values }) =>
        dimension.replace(/[\\;|=!~]/g, '\\$&') + operator + values.map(escaped).join('|'),
    )
    .join(';')

// Filter by this value, or no longer if that is what is filtered by. Null is "has none".
export const toggledFilter = (text, dimension, value) => {
  const filters = parseFilters(text)
  const others = filters.filter(
    (filter) => filter.dimension !== dimension || filter.operator !== '==',
  )
  const wanted = value ?? ''
  if (isFilteredBy(text, dimension, value)) return formatFilters(others)
  return formatFilters([...others, { dimension, operator: '==', values: [wanted] }])
}

export const isFilteredBy = (text, dimension, value) =>
  parseFilters(text).some(
    (filter) =>
      filter.dimension === dimension &&
      filter.operator === '==' &&
      filter.values.some((wanted) => decoded(wanted) === decoded(value ?? '')),
  )

const escaped = (value) => value.replace(/[\\;|]/g, '\\$&')
const unescaped = (value) => value.replace(/\\(.)/gs, '$1')
const splitUnescaped = (text, separator) => {
  if (!text) return separator === '|' ? [''] : []
  const parts = ['']
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') parts[parts.length - 1] += text[at] + (text[(at += 1)] ?? '')
    else if (text[at] === separator) parts.push('')
    else parts[parts.length - 1] += text[at]
  }
  return parts
}

// Dates: `YYYY-MM-DD`, counted in UTC so that no zone shifts them.

const isDate = (text) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text))
const DAY = 86_400_000
const isoDate = (time) => new Date(time).toISOString().slice(0, 10)
export const addDays = (date, days) => isoDate(Date.parse(date) + days * DAY)
const addMonths = (date, months) => {
  const [year, month] = date.split('-').map(Number)
  return isoDate(Date.UTC(year, month - 1 + months, 1))
}
const monthEnd = (date) => addDays(addMonths(date, 1), -1)

// Which date it is in a zone; in the reader's own where it is not known.
export const todayIn = (zone, now = Date.now()) => {
  const write = (timeZone) => new Intl.DateTimeFormat('en-CA', { timeZone }).format(now)
  try {
    return write(zone)
  } catch {
    return write()
  }
}

const DAYS_OF = { today: 1, '7d': 7, '28d': 28, '30d': 30, '91d': 91 }
const MONTHS_OF = { month: 1, '6mo': 6, '12mo': 12 }

// The first and the last date of a period, and how many calendar months it is, if it is that.
// Null where dates do not say it: the last 24 hours, and all time.
export const spanOf = ({ period, from, to }, today) => {
  const yesterday = addDays(today, -1)
  if (period === 'custom') return { from, to, months: monthsBetween(from, to, today) }
  if (period === 'yesterday') return { from: yesterday, to: yesterday, months: 0 }
  if (DAYS_OF[period]) return { from: addDays(today, 1 - DAYS_OF[period]), to: today, months: 0 }
  if (period === 'year') return { from: `${today.slice(0, 4)}-01-01`, to: today, months: 12 }
  const months = MONTHS_OF[period]
  return months ? { from: addMonths(today, 1 - months), to: today, months } : null
}

// How many whole months these dates are, the running one counted as whole; else 0.
const monthsBetween = (from, to, today) => {
  const isWhole = from.endsWith('-01') && (to === monthEnd(to) || (to === today && from !== to))
  const [[year, month], [lastYear, lastMonth]] = [from, to].map((date) => date.split('-'))
  return isWhole ? (lastYear - year) * 12 + (lastMonth - month) + 1 : 0
}

// The period before or after that of a state: as many days, or calendar months where it is
// those; by its name where it has one. Null where it would lie in the future.
export const steppedPeriod = (now, direction, today) => {
  const span = spanOf(now.period === '24h' ? { period: 'today' } : now, today)
  if (!span) return null
  const { from, to, months } = span
  const days = Math.round((Date.parse(to) - Date.parse(from)) / DAY) + 1
  const first = months ? addMonths(from, direction * months) : addDays(from, direction * days)
  const whole = months ? monthEnd(addMonths(first, months - 1)) : addDays(first, days - 1)
  const last = whole < today ? whole : today
  if (first > today) return null
  const named = PERIODS.find((period) => {
    const other = spanOf({ period }, today)
    return other && other.from === first && other.to === last && other.months === months
  })
  return named
    ? { period: named, from: '', to: '' }
    : { period: 'custom', from: first, to: last }
}

// The first and the last date of the period of an answer, whose end is not in it.
export const datesOf = ({ from, to }) => {
  const [first, end] = [from.slice(0, 10), to.slice(0, 10)]
  const last = to.slice(11, 19) === '00:00:00' ? addDays(end, -1) : end
  return { from: first, to: last < first ? first : last }
}

// The dates that a bucket of the chart covers, both included.
export const bucketDates = (time, interval) => {
  const date = time.slice(0, 10)
  const to = { week: addDays(date, 6), month: monthEnd(date) }[interval]
  return { from: date, to: to ?? date }
}
