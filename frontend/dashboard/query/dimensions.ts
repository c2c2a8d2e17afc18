// The metrics, periods and dimensions that the dashboard offers, in the order in which it does.

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
] as const
export type NamedPeriod = (typeof PERIODS)[number]
export type Period = NamedPeriod | 'custom'

export const INTERVALS = ['hour', 'day', 'week', 'month'] as const
export type Interval = (typeof INTERVALS)[number]

export const COMPARISONS = ['previous_period', 'previous_year', 'off'] as const
export type Comparison = (typeof COMPARISONS)[number]

export const METRICS = [
  'visitors',
  'sessions',
  'pageviews',
  'views_per_session',
  'bounce_rate',
  'session_duration',
  'engaged_time',
] as const
export type Metric = (typeof METRICS)[number]

export const VIEWS = ['overview', 'realtime', 'sessions'] as const
export type View = (typeof VIEWS)[number] | 'welcome'

// The cards, their tabs, and the dimensions that each tab can show. The first tab is the default.
const CARDS = {
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
} as const satisfies Record<string, Record<string, readonly string[]>>

export type Card = keyof typeof CARDS
export type Tab = { [C in Card]: keyof (typeof CARDS)[C] }[Card]
export const CARD_NAMES = Object.keys(CARDS) as Card[]

/** The tabs of a card with their dimensions, in order. */
export const tabsOf = (card: Card): [Tab, readonly string[]][] =>
  Object.entries(CARDS[card]) as [Tab, readonly string[]][]

/** Where a session came from. */
export const SOURCE_DIMENSIONS = [
  'referrer',
  'source',
  'channel',
  'utm_source',
  'utm_medium',
  'utm_campaign',
  'utm_term',
  'utm_content',
] as const

/** Where the visitor of a session is, and with what device. */
export const VISITOR_DIMENSIONS = [
  'country',
  'language',
  'device',
  'browser',
  'os',
  'screen',
] as const

/** Whether a dimension is a property of events, which sites name as they like. */
export const isProperty = (dimension: string): boolean => dimension.startsWith('prop:')

/** Whether a dimension counts events, not only sessions. */
export const countsEvents = (dimension: string): boolean =>
  dimension === 'event' || isProperty(dimension)

/** The rows to show: a session without an event or property is not a row of those. */
export const shownRows = <Row extends { value: unknown }>(
  dimension: string,
  rows: readonly Row[],
): readonly Row[] => (countsEvents(dimension) ? rows.filter((row) => row.value !== null) : rows)
