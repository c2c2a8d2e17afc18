// What the overview asks of /api/stats: everything that it shows, in one request.

import { CARDS } from './dashboard_state.js'

const ALWAYS = [
  'page',
  'entry_page',
  'exit_page',
  'hostname',
  'referrer',
  'source',
  'channel',
  'utm_source',
  'utm_medium',
  'utm_campaign',
  'utm_term',
  'utm_content',
  'country',
  'language',
  'device',
  'browser',
  'os',
  'screen',
  'event',
  'hour_of_week',
]

// The parameters for a state.
export const statsQuery = (now) => {
  const tabs = Object.keys(CARDS).map((card) =>
    now[card] === 'prop' ? now.prop && `prop:${now.prop}` : now[card],
  )
  return {
    site: now.site,
    period: now.period,
    from: now.period === 'custom' ? now.from : '',
    to: now.period === 'custom' ? now.to : '',
    interval: now.interval,
    compare: now.compare === 'off' || now.period === 'all' ? '' : now.compare,
    filters: now.filters,
    timezone: now.timezone,
    dimensions: [...new Set([...ALWAYS, ...tabs.filter(Boolean)])].map(listed).join(','),
  }
}

// A dimension in a list with commas; properties may have any name.
export const listed = (dimension) => dimension.replace(/[\\,]|\s$/g, '\\$&')

// Which answers are the same but for the dimensions that they hold.
export const keyOf = ({ dimensions, ...rest }) => JSON.stringify(rest)
