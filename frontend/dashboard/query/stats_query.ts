// The parameters of /api/stats: one request returns everything that the overview shows.

import { CARD_NAMES, SOURCE_DIMENSIONS, VISITOR_DIMENSIONS } from './dimensions'
import type { UrlState } from './url_state'

// In every answer, so that a change of tab needs no request.
const ALWAYS = [
  'page',
  'entry_page',
  'exit_page',
  'hostname',
  ...SOURCE_DIMENSIONS,
  ...VISITOR_DIMENSIONS,
  'event',
  'hour_of_week',
]

export type Query = Record<string, string | number>

/** What restricts every request to the sessions of the state. */
export const periodQuery = (state: UrlState): Query => ({
  site: state.site,
  period: state.period,
  from: state.period === 'custom' ? state.from : '',
  to: state.period === 'custom' ? state.to : '',
  filters: state.filters,
  timezone: state.timezone,
})

export const statsQuery = (state: UrlState): Query => {
  const chosen = CARD_NAMES.map((card) => dimensionOf(state[card], state)).filter(Boolean)
  return {
    ...periodQuery(state),
    interval: state.interval,
    compare: state.compare === 'off' || state.period === 'all' ? '' : state.compare,
    dimensions: dimensionList([...new Set([...ALWAYS, ...chosen])]),
  }
}

/** The dimension that a card's choice means; '' for a property that is not named yet. */
const dimensionOf = (choice: string, { prop }: UrlState): string => {
  if (choice !== 'prop') return choice
  return prop ? `prop:${prop}` : ''
}

/** Dimensions as a list with commas; a property may have any name, commas included. */
export const dimensionList = (dimensions: string[]): string =>
  dimensions.map((dimension) => dimension.replace(/[\\,]|\s$/g, '\\$&')).join(',')

/** The same for queries whose answers differ in nothing but their breakdowns. */
export const cacheKey = ({ dimensions: _, ...rest }: Query): string => JSON.stringify(rest)
