// Requests to the API, and what can go wrong with them.

import type { ApiPaths, Timeline } from './types'
import type { Query } from '../query/stats_query'
import { getToken } from './token'

const TIMEOUT_MS = 30_000

type FailureReason = 'offline' | 'unreachable' | 'timeout' | 'unreadable'

/** A request without success. `reason` says why there was no answer, if there was none. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly reason: FailureReason | null = null,
    readonly retryAfterMs = 0,
  ) {
    super(message)
  }
}

/** Request a path; the response as it comes. Throws ApiError, or AbortError if aborted. */
export const fetchApi = async (
  path: string,
  query: Query = {},
  signal?: AbortSignal,
): Promise<Response> => {
  const given = Object.entries(query).filter(([, value]) => value)
  const parameters = new URLSearchParams(given.map(([name, value]) => [name, String(value)]))
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  let response: Response
  try {
    response = await fetch(`api/${path}${parameters.size ? `?${parameters}` : ''}`, {
      headers: { Authorization: `Bearer ${getToken()}` },
      credentials: 'omit',
      cache: 'no-store',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    })
  } catch (error) {
    if (signal?.aborted) throw error
    const isLate = timeout.aborted
    throw new ApiError(0, '', isLate ? 'timeout' : navigator.onLine ? 'unreachable' : 'offline')
  }
  if (!response.ok) throw await errorOf(response)
  return response
}

const errorOf = async (response: Response): Promise<ApiError> => {
  const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>
  // API Gateway's own errors have no sentence for people.
  const message = answer['status'] === 'error' ? String(answer['message'] ?? '') : ''
  const retryAfterMs = Number(response.headers.get('Retry-After')) * 1000 || 0
  return new ApiError(response.status, message, null, retryAfterMs)
}

/** Request a path; the `data` of its answer. */
export const get = <Path extends keyof ApiPaths>(
  path: Path,
  query: Query = {},
  signal?: AbortSignal,
): Promise<ApiPaths[Path]> => getData(path, query, signal)

/** Request the timeline of a session. */
export const getTimeline = (site: string, sessionId: string): Promise<Timeline> =>
  getData(`sessions/${encodeURIComponent(sessionId)}`, { site })

const getData = async <T>(path: string, query: Query, signal?: AbortSignal): Promise<T> => {
  const response = await fetchApi(path, query, signal)
  const answer = (await response.json().catch(() => null)) as { status: string; data: T } | null
  if (answer?.status !== 'success') throw new ApiError(response.status, '', 'unreadable')
  return answer.data
}
