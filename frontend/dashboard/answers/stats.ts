// The answer of /api/stats that the overview shows, and asking for the one that it should show.

import { get } from '../api/client'
import { ApiError } from '../api/client'
import type { Stats } from '../api/types'
import { formatNumber } from '../format/numbers'
import { formatDates } from '../format/times'
import { label, t } from '../i18n/translate'
import { cacheKey, dimensionList, statsQuery, type Query } from '../query/stats_query'
import type { UrlState } from '../query/url_state'
import { navigate, urlState } from '../state/navigation'
import { announce, dismiss, notice, showError, toast, errorText } from '../state/notices'
import { requireSignIn } from '../state/sign_in'
import { createStore } from '../state/store'
import { learnSiteZone } from '../state/time_zone'
import { liveAnswer } from './live'

const FRESH_MS = 60_000
const MAX_CACHED = 20

export interface ShownStats {
  key: string
  state: UrlState // that it was requested for
  answer: Stats
  receivedAt: number
}

export const shownStats = createStore<ShownStats | null>(null)
export const isLoadingStats = createStore(false)

const cache = new Map<string, ShownStats>()
let running: AbortController | null = null

const isFresh = (found: ShownStats): boolean => Date.now() - found.receivedAt < FRESH_MS

/** Request stats with other parameters than those of the overview, such as one dimension only. */
export const getStats = (dimension: string, changes: Query = {}): Promise<Stats> =>
  get('stats', {
    ...statsQuery(urlState()),
    compare: '',
    ...changes,
    dimensions: dimensionList([dimension]),
  })

/** Show what the state asks for: from the cache while that is fresh, else from a new answer. */
export const refreshStats = async ({ force = false } = {}): Promise<void> => {
  const state = urlState()
  if (!state.site) return
  const query = statsQuery(state)
  const key = cacheKey(query)
  const known = cache.get(key)
  if (known) shownStats.set(known)
  running?.abort()
  isLoadingStats.set(false)
  // An empty answer is not fresh: a visitor may have come.
  if (known?.answer.totals.sessions && isFresh(known) && !force) return
  const { signal } = (running = new AbortController())
  if (!known) isLoadingStats.set(true)
  try {
    const answer = await get('stats', query, signal)
    if (!state.timezone) learnSiteZone(answer.period.timezone)
    keep({ key, state, answer, receivedAt: Date.now() })
    showMissingDays(answer)
    announce(`${formatNumber(answer.totals.visitors)} ${label('metrics', 'visitors')}`)
    if (!answer.totals.sessions && !state.filters) void checkFirstVisit(state.site)
  } catch (error) {
    if (signal.aborted) return
    if (error instanceof ApiError && error.status === 401) return requireSignIn()
    const shownAt = shownStats.get()?.answer.meta.generated_at
    showError(error, { shownAt, retry: () => void refreshStats({ force: true }) })
  } finally {
    if (!signal.aborted) isLoadingStats.set(false)
  }
}

const MAX_DAYS_NAMED = 3

/** Say which days the numbers lack, if any. */
const showMissingDays = ({ meta }: Stats): void => {
  const days = meta.missing_days ?? []
  if (!days.length) return dismiss('stats')
  const names = days.slice(0, MAX_DAYS_NAMED).map((day) => formatDates(day, day))
  const more = days.length > MAX_DAYS_NAMED ? ['…'] : []
  notice.set({
    topic: 'stats',
    title: t('incompleteTitle'),
    text: t('incomplete', { n: days.length, days: [...names, ...more].join(', ') }),
    retry: () => void refreshStats({ force: true }),
  })
}

const keep = (found: ShownStats): void => {
  cache.delete(found.key)
  cache.set(found.key, found)
  const oldest = cache.keys().next().value
  if (cache.size > MAX_CACHED && oldest !== undefined) cache.delete(oldest)
  shownStats.set(found)
}

const requested = new Set<string>()

/** Add a dimension that the shown answer lacks. It is requested once for each answer. */
export const addBreakdown = async (shown: ShownStats, dimension: string): Promise<void> => {
  const id = JSON.stringify([dimension, shown.key, shown.receivedAt])
  if (requested.has(id)) return
  requested.add(id)
  try {
    const { breakdowns, meta } = await getStats(dimension)
    const latest = cache.get(shown.key) ?? shown
    const { answer } = latest
    const breakdown = breakdowns[dimension] ?? { rows: [], total: 0 }
    const completed = {
      ...latest,
      answer: {
        ...answer,
        breakdowns: { ...answer.breakdowns, [dimension]: breakdown },
        meta: { ...answer.meta, cut: [...answer.meta.cut, ...meta.cut] },
      },
    }
    cache.set(shown.key, completed)
    if (shownStats.get()?.key === shown.key) shownStats.set(completed)
  } catch (error) {
    requested.delete(id)
    toast(errorText(error))
  }
}

/** A site that never had a session needs the tracker, not an empty chart. */
const checkFirstVisit = async (site: string): Promise<void> => {
  const query = { site, period: 'all', dimensions: 'page', limit: 1 }
  const ever = await get('stats', query).catch(() => null)
  const isNew = ever !== null && !ever.totals.sessions && !liveAnswer()?.pageviews
  const state = urlState()
  if (isNew && state.site === site && state.view === 'overview')
    navigate({ view: 'welcome' }, { replace: true })
}

const MINUTE_MS = 60_000

/** Ask again once a minute while the shown period includes now. */
export const refreshStaleStats = (): void => {
  const shown = shownStats.get()
  const includesNow = shown?.answer.series.some((row) => row.partial)
  if (!shown || !includesNow || Date.now() - shown.receivedAt < MINUTE_MS) return
  shown.receivedAt = Date.now()
  if (urlState().view === 'overview') void refreshStats({ force: true })
}

// The API has no list of properties: those of the latest events are offered.
const properties = new Map<string, Promise<string[]>>()

export const propertyNames = (site: string): Promise<string[]> => {
  const known = properties.get(site) ?? findPropertyNames(site)
  properties.set(site, known)
  return known
}

const findPropertyNames = async (site: string): Promise<string[]> => {
  const { events } = await get('events', { site, limit: 200 }).catch(() => ({ events: [] }))
  return [...new Set(events.flatMap((event) => Object.keys(event.props ?? {})))].sort()
}
