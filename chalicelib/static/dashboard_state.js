// The URL is the state. Everything that a view depends on is a parameter of the page's own
// address, so that a link reproduces it and Back goes back. Parameters at their default are left out.

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
    const found = /^([a-z_]+|prop:.+?)(==|!=|=~|!~)(.*)$/s.exec(part)
    if (!found) return []
    const [, dimension, operator, values] = found
    return [{ dimension, operator, values: splitUnescaped(values, '|').map(unescaped) }]
  })

export const formatFilters = (filters) =>
  filters
    .map(
      ({ dimension, operator, values }) => dimension + operator + values.map(escaped).join('|'),
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
      filter.values.includes(value ?? ''),
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
export const addDays = (date, days) =>
  new Date(Date.parse(date) + days * DAY).toISOString().slice(0, 10)
const monthEnd = (date) => {
  const [year, month] = date.split('-').map(Number)
  return new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10)
}

// The period before or after the one shown: as long, or the calendar month where it is one.
// Null where it would lie in the future.
export const steppedPeriod = ({ from, to }, direction, today) => {
  const isMonth =
    from.endsWith('-01') &&
    (to === monthEnd(from) || (to === today && from.slice(0, 7) === today.slice(0, 7)))
  const length = Math.round((Date.parse(to) - Date.parse(from)) / DAY) + 1
  let first = addDays(from, direction * length)
  let last = addDays(to, direction * length)
  if (isMonth && length > 1) {
    first = direction < 0 ? `${addDays(from, -1).slice(0, 7)}-01` : addDays(monthEnd(from), 1)
    last = monthEnd(first)
  }
  if (first > today) return null
  if (first === today)
    return { period: isMonth && length > 1 ? 'month' : 'today', from: '', to: '' }
  if (first === last && last === addDays(today, -1))
    return { period: 'yesterday', from: '', to: '' }
  return { period: 'custom', from: first, to: last < today ? last : today }
}

// The dates that a bucket of the chart covers, both included; null where it cannot be zoomed into.
export const bucketDates = (time, interval, period) => {
  const date = time.slice(0, 10)
  if (interval === 'hour') return period.from === period.to ? null : { from: date, to: date }
  const to = { day: date, week: addDays(date, 6), month: monthEnd(date) }[interval]
  return to && !(date === period.from && to === period.to) ? { from: date, to } : null
}
