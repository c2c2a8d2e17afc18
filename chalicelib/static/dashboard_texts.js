// Every text of the dashboard, in English; dashboard_texts_ko.js has the same keys in Korean.
// {name} is filled in; a text with `one` and `other` goes by the number {n}.

export const ENGLISH = {
  skip: 'Skip to the figures',
  site: 'Site',
  views: 'Views',
  menu: 'More: theme, language, export, help',
  overview: 'Overview',
  realtime: 'Realtime',
  sessions: 'Sessions',
  figures: 'Figures of the period',

  // The live number
  current: { one: 'current visitor', other: 'current visitors' },
  currentMeaning: 'Visitors with an event in the last 5 minutes',
  waiting: 'waiting …',
  updated: 'updated {age} ago',
  updatedNow: 'updated now',
  stale: 'stale: {age} old',
  lastHalfHour: 'Last 30 minutes',
  pageviewsPerMinute: 'Page views per minute',
  minutesSummary:
    '{pageviews} page views by {visitors} visitors in the last 30 minutes; at most {most} in a minute.',
  minutesAgo: { one: '{n} minute ago', other: '{n} minutes ago' },
  thisMinute: 'this minute',
  openSessions: 'open sessions',
  liveTitle: '{n} now',

  // Figures
  visitors: 'Visitors',
  pageviews: 'Page views',
  views_per_session: 'Views per session',
  bounce_rate: 'Bounce rate',
  session_duration: 'Session duration',
  engaged_time: 'Engaged time',
  scroll_depth: 'Scroll depth',
  visitorsMeaning:
    'Different people, known by a hash that changes every day; over several days the sum of daily visitors.',
  sessionsMeaning: 'Runs of events by one visitor with no gap of 30 minutes.',
  pageviewsMeaning: 'Pages shown, reloads included.',
  views_per_sessionMeaning: 'Page views divided by sessions.',
  bounce_rateMeaning: 'Share of sessions with one page view and nothing done on it.',
  session_durationMeaning: 'Average time from the first to the last event of a session.',
  engaged_timeMeaning:
    'Average time per session in which a page was visible. A single page counts too.',
  more: '{change} more',
  fewer: '{change} fewer',
  higher: '{change} higher',
  lower: '{change} lower',
  longer: '{change} longer',
  shorter: '{change} shorter',
  unchanged: 'unchanged',
  wasNone: 'none before',
  before: 'before: {value}',
  none: 'none',

  // Periods
  period: 'Period',
  today: 'Today',
  yesterday: 'Yesterday',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '28d': 'Last 28 days',
  '30d': 'Last 30 days',
  '91d': 'Last 91 days',
  month: 'This month',
  '6mo': 'Last 6 months',
  '12mo': 'Last 12 months',
  year: 'This year',
  all: 'All time',
  custom: 'Custom dates',
  from: 'From',
  to: 'To',
  apply: 'Apply',
  earlier: 'Earlier period',
  later: 'Later period',
  compare: 'Comparison',
  previous_period: 'Previous period',
  previous_year: 'Previous year',
  off: 'No comparison',
  vsprevious_period: 'vs. previous period',
  vsprevious_year: 'vs. previous year',
  interval: 'Interval',
  auto: 'Automatic',
  hour: 'Hours',
  day: 'Days',
  week: 'Weeks',
  month_: 'Months',

  // Chart
  running: 'still running',
  difference: 'Difference',
  asTable: 'Table',
  time: 'Time',
  chartOf: '{metric} over time',
  chartSummary:
    '{metric}, {n} values from {from} to {to}. Highest: {most} ({mostAt}). Lowest: {least} ({leastAt}).',
  chartHelp:
    'Arrow keys read the values one by one, Enter zooms in. The Table button shows all of them.',
  chartEmpty: 'No data in this period',
  zoomHint: 'Click to zoom in, drag to choose',

  // Cards
  sources: 'Sources',
  pages: 'Pages',
  locations: 'Locations',
  devices: 'Devices',
  events: 'Events',
  hours: 'Hours of the week',
  source: 'Sources',
  channel: 'Channels',
  referrer: 'Referrers',
  campaign: 'Campaigns',
  utm_campaign: 'Campaign',
  utm_source: 'UTM source',
  utm_medium: 'UTM medium',
  utm_term: 'UTM term',
  utm_content: 'UTM content',
  page: 'Pages',
  entry_page: 'Entry',
  exit_page: 'Exit',
  hostname: 'Hosts',
  country: 'Countries',
  region: 'Regions',
  city: 'Cities',
  language: 'Languages',
  device: 'Devices',
  browser: 'Browsers',
  browser_version: 'Browser versions',
  os: 'Systems',
  os_version: 'System versions',
  screen: 'Screens',
  event: 'Events',
  prop: 'Properties',
  hour_of_week: 'Hour of the week',
  one_source: 'Source',
  one_channel: 'Channel',
  one_referrer: 'Referrer',
  one_page: 'Page',
  one_entry_page: 'Entry page',
  one_exit_page: 'Exit page',
  one_hostname: 'Host',
  one_country: 'Country',
  one_region: 'Region',
  one_city: 'City',
  one_language: 'Language',
  one_device: 'Device',
  one_browser: 'Browser',
  one_browser_version: 'Browser version',
  one_os: 'System',
  one_os_version: 'System version',
  one_screen: 'Screen',
  one_event: 'Event',
  one_prop: 'Property {name}',
  share: 'Share',
  allOf: 'All {n}',
  details: 'Details',
  nothingHere: 'Nothing here in this period',
  propName: 'Property',
  propHelp: 'Name of a property that your events carry, such as “plan”',
  dimensionOf: 'Show by',
  hourCell: '{day}, {hour}: {visitors} visitors',
  busiest: 'Busiest: {day}, {hour} ({visitors} visitors)',
  other: '(all others)',
  none_source: 'Direct / none',
  none_referrer: 'Direct / none',
  none_utm: '(not tagged)',
  none_any: '(unknown)',
  channels: {
    Direct: 'Direct',
    'Organic Search': 'Organic search',
    'Organic Social': 'Organic social',
    'Paid Search': 'Paid search',
    'Paid Social': 'Paid social',
    Referral: 'Referral',
    Email: 'Email',
    'AI Assistants': 'AI assistants',
    'AI Assistant': 'AI assistant',
    Display: 'Display',
    Affiliates: 'Affiliates',
    'Organic Video': 'Organic video',
    'Organic Shopping': 'Organic shopping',
    Unassigned: 'Unassigned',
  },
  deviceNames: {
    desktop: 'Desktop',
    mobile: 'Mobile',
    tablet: 'Tablet',
    tv: 'TV',
    console: 'Console',
    other: 'Other',
  },

  // Filters
  filter: 'Filter',
  addFilter: 'Add a filter',
  removeFilter: 'Remove filter: {name}',
  editFilter: 'Change filter: {name}',
  clearFilters: 'Clear all',
  dimension: 'Dimension',
  operator: 'Condition',
  value: 'Value',
  valueHelp: 'Several values: one per line. An empty line is “none”.',
  'op==': 'is',
  'op!=': 'is not',
  'op=~': 'contains',
  'op!~': 'does not contain',
  or: 'or',

  // Details
  search: 'Search',
  searchIn: 'Search in {name}',
  close: 'Close',
  loadMore: 'Show more',
  shown: '{shown} of {total}',
  sortedAmong: 'Sorted among the first {n}',
  exportCsv: 'Download as CSV',
  exporting: 'Preparing the file …',

  // Realtime
  onPages: 'On pages now',
  feed: 'Activity',
  feedMeaning: 'The newest sessions, by their last event',
  cameFrom: 'from {source}',
  cameDirectly: 'came directly',
  viewed: { one: '{n} page', other: '{n} pages' },
  didEvents: { one: '{n} event', other: '{n} events' },
  noOneHere: 'Nobody in the last 5 minutes',
  noFilters: 'Filters do not apply to realtime.',
  isActive: 'open now',

  // Sessions
  sessionsOf: 'Sessions of the period, newest first',
  started: 'Started',
  lasted: 'Lasted',
  visitorFrom: 'Visitor',
  way: 'Way through the site',
  session: 'Session',
  gap: '{time} later',
  readFor: 'visible for {time}',
  scrolled: 'scrolled to {share}',
  endedtimeout: 'Ended: nothing more within 30 minutes.',
  endedlongest: 'Ended: a session lasts 24 hours at most.',
  endedfull: 'Ended: a session holds 1,000 events at most.',
  endedOther: 'Ended: {reason}.',
  stillOpen: 'Still open. It ends {time} unless something more happens.',
  stepsOnly: 'Its events are no longer kept; this is what the figures still know.',
  closing: 'Ended, and about to be closed.',
  newest: 'the newest {n}',
  noSessions: 'No sessions in this period',
  user: 'User',
  previousSession: 'Newer session',
  nextSession: 'Older session',

  // Menu
  theme: 'Theme',
  themeauto: 'As the system',
  themelight: 'Light',
  themedark: 'Dark',
  languageName: 'Language',
  zone: 'Time zone',
  zoneOfSite: 'The site’s: {zone}',
  zoneMine: 'Mine: {zone}',
  shareLink: 'Copy link to this view',
  copied: 'Copied',
  exportSessionsCsv: 'Export sessions (CSV)',
  exportSessionsNdjson: 'Export sessions (NDJSON)',
  print: 'Print',
  shortcuts: 'Keyboard shortcuts',
  install: 'Install the tracker',
  signOut: 'Sign out',
  back: 'Back',

  // Shortcuts
  shortcutsOn: 'Single-key shortcuts',
  keyPeriods: 'Periods',
  keyViews: 'Views',
  keyTools: 'Tools',
  keyEarlier: 'Earlier / later period',
  keyMetric: 'Next metric in the chart',
  keyLive: 'Refresh now',
  keyEscape: 'Close, or clear the filters',
  keyHelp: 'This sheet',

  // Signing in
  signInTitle: 'Sign in',
  signInWhy:
    'Your figures are for you alone. Paste the token that reads them; the command that started LiveInsight printed it.',
  token: 'Token',
  keepSignedIn: 'Keep me signed in on this device',
  signIn: 'Sign in',
  signInFailed: 'This token is not valid, or no longer.',

  // States
  loading: 'Loading …',
  errorTitle: 'This did not work',
  error_offline: 'You are offline. The figures are those of {time}.',
  error_unreachable: 'LiveInsight cannot be reached.',
  error_timeout: 'The answer took too long.',
  error_unreadable: 'The answer could not be read.',
  error_limit: 'Too many requests. Trying again in a moment.',
  error_other: 'The server answered with an error ({status}).',
  retry: 'Try again',
  liveFailed: 'Live figures have stopped. Trying again in {time}.',
  welcomeTitle: 'Let’s see your first visitor',
  welcomeWhy:
    'Put this tag into the head of every page of {site}. It is small, sets no cookie, and waits for nothing.',
  yourSite: 'your site',
  copy: 'Copy',
  welcomeWaiting: 'Waiting for the first event. This page notices by itself.',
  welcomeCounted: 'Events of {site} arrive.',
  welcomeArrived: 'There it is. Opening the dashboard …',
  welcomeSelf:
    'Nothing arrives? Visits by automated browsers and with Do Not Track are not counted; see the browser’s console.',
  welcomeCurl: 'Or try it without a page:',
  emptyTitle: 'Nobody came in this period',
  emptyFiltered: 'Nobody matches these filters in this period',
  showAll: 'Show all time',
  noSites: 'no site yet',

  // Footer
  footZone: 'Days are counted in {zone}.',
  footVisitors_exact: 'Visitors are exact.',
  footVisitors_estimate: 'Visitors are an estimate.',
  footVisitors_sum: 'Visitors are the sum of daily visitors.',
  footOpen: {
    one: 'One session is still open; its events appear when it closes.',
    other: '{n} sessions are still open; their events appear when they close.',
  },
  footGenerated: 'Figures of {time}.',
}

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
  const wall = new Date(`${time.slice(0, 19)}Z`)
  const write = (options) =>
    intl('DateTimeFormat', { timeZone: 'UTC', ...options }).format(wall)
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

// A moment in the reader's own zone.
export const clock = (time, { seconds = false, date = false } = {}) =>
  intl('DateTimeFormat', {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...(seconds && { second: '2-digit' }),
    ...(date && { day: 'numeric', month: 'short' }),
  }).format(new Date(time))
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

// A text that cannot turn itself around: the marks that reverse its letters are made visible.
export const plain = (text) => String(text).replace(/[\u202a-\u202e\u2066-\u2069]/g, '\ufffd')

// A value as people call it: "Germany", "Korean", "Direct / none".
export const valueName = (dimension, value) => {
  if (value === null || value === undefined || value === '') {
    if (dimension.startsWith('utm_')) return t('none_utm')
    return dimension === 'source' || dimension === 'referrer' ? t('none_source') : t('none_any')
  }
  if (value === '(other)') return t('other')
  const text = plain(value)
  if (dimension === 'referrer')
    return text.replace(/^https?:\/\/(www\.)?/, '').replace(/\/$/, '') || text
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
