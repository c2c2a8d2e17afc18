// The sessions of the shown period, latest first, page by page. They are kept while other views
// are open, and the drawer goes through them from one to the next.

import { ApiError, get } from '../../api/client'
import type { Session } from '../../api/types'
import { periodQuery, type Query } from '../../query/stats_query'
import { urlState } from '../../state/navigation'
import { errorText } from '../../state/notices'
import { requireSignIn } from '../../state/sign_in'
import { createStore } from '../../state/store'
import { whenZoneIsKnown } from '../../state/time_zone'

const PAGE_SIZE = 50
const FRESH_MS = 60_000

interface SessionList {
  query: Query
  sessions: readonly Session[]
  cursor: string | null // of the next page
  receivedAt: number
  isOutdated: boolean // until the sessions of another query arrive
  problem: string
}

const EMPTY: SessionList = {
  query: {},
  sessions: [],
  cursor: null,
  receivedAt: 0,
  isOutdated: false,
  problem: '',
}

export const sessionList = createStore(EMPTY)

/** Load the sessions of the state, unless they were loaded within the last minute. */
export const loadSessions = async ({ force = false } = {}): Promise<void> => {
  const query = periodQuery(urlState())
  const known = sessionList.get()
  const isFresh = isSameQuery(known.query, query) && Date.now() - known.receivedAt < FRESH_MS
  if (isFresh && !force) return
  sessionList.set({ ...known, isOutdated: true })
  await loadPage({ ...EMPTY, query })
}

export const loadMoreSessions = (): Promise<void> => loadPage(sessionList.get())

const isSameQuery = (one: Query, other: Query): boolean =>
  JSON.stringify(one) === JSON.stringify(other)

let running: AbortController | null = null

/** Add the page at the cursor of a list, and show the list. */
const loadPage = async (list: SessionList): Promise<void> => {
  running?.abort()
  const { signal } = (running = new AbortController())
  const query = { ...list.query, limit: PAGE_SIZE, cursor: list.cursor ?? '' }
  try {
    const [page] = await Promise.all([get('sessions', query, signal), whenZoneIsKnown])
    const sessions = [...list.sessions, ...page.sessions]
    const received = { cursor: page.cursor, receivedAt: Date.now(), problem: '' }
    if (!signal.aborted) sessionList.set({ ...list, ...received, sessions })
  } catch (error) {
    if (signal.aborted) return
    if (error instanceof ApiError && error.status === 401) requireSignIn()
    sessionList.set({ ...list, problem: errorText(error) })
  }
}

/** The sessions beside one in a list. */
export const adjacentSessions = (
  sessions: readonly Session[],
  id: string,
): { newer: string | undefined; older: string | undefined } => {
  const index = sessions.findIndex((session) => session.session_id === id)
  const [newer, older] = index < 0 ? [] : [sessions[index - 1], sessions[index + 1]]
  return { newer: newer?.session_id, older: older?.session_id }
}
