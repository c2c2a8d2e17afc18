// The URL is the state: everything that a view depends on is a parameter of the page's address, so
// that a link reproduces it and Back goes back. Parameters at their default are left out.

import { isDate } from './dates'
import {
  COMPARISONS,
  INTERVALS,
  METRICS,
  PERIODS,
  VIEWS,
  type Comparison,
  type Interval,
  type Metric,
  type Period,
  type View,
} from './dimensions'

export interface UrlState {
  view: View
  site: string
  period: Period
  from: string
  to: string
  interval: Interval | ''
  compare: Comparison
  filters: string
  metric: Metric
  timezone: string
  // The dimension that each card shows; a property is `prop` here, and its name is in `prop`.
  sources: string
  pages: string
  locations: string
  devices: string
  events: string
  prop: string
  table: '1' | ''
  all: string // the dimension whose whole list is open
  session: string // the session that is open
}

export const DEFAULTS: UrlState = {
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

/** Read the state from a query string; a value that is not one of the allowed is the default. */
export const parseUrlState = (query: string): UrlState => {
  const given = new URLSearchParams(query)
  const text = (name: keyof UrlState): string => given.get(name) ?? DEFAULTS[name]
  const choose = <T extends string>(name: keyof UrlState, allowed: readonly T[], or: T): T =>
    allowed.find((value) => value === text(name)) ?? or
  const isCustom = text('period') === 'custom' && isDate(text('from')) && isDate(text('to'))
  return {
    view: choose('view', [...VIEWS, 'welcome'], DEFAULTS.view),
    site: text('site'),
    period: isCustom ? 'custom' : choose('period', PERIODS, '7d'),
    from: text('from'),
    to: text('to'),
    interval: choose<Interval | ''>('interval', INTERVALS, ''),
    compare: choose('compare', COMPARISONS, DEFAULTS.compare),
    filters: text('filters'),
    metric: choose('metric', METRICS, DEFAULTS.metric),
    timezone: text('timezone'),
    sources: text('sources'),
    pages: text('pages'),
    locations: text('locations'),
    devices: text('devices'),
    events: text('events'),
    prop: text('prop'),
    table: text('table') ? '1' : '',
    all: text('all'),
    session: text('session'),
  }
}

/** Write the state as a query string. Characters that a URL allows are not escaped. */
export const formatUrlState = (state: UrlState): string =>
  Object.entries(state)
    .filter(([name, value]) => value !== DEFAULTS[name as keyof UrlState])
    .map(([name, value]) => `${name}=${readable(value)}`)
    .join('&')

const readable = (value: string): string =>
  encodeURIComponent(value).replace(/%(2F|3A|3D|2C|3B|7C|40)/g, decodeURIComponent)
