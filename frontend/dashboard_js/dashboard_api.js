// The way to the API: the token that opens it, one request, and the polling of what is live.

const KEY = 'liveinsight.token'
const TIMEOUT = 30_000
const POLL_EVERY = 5_000
const LONGEST_WAIT = 60_000

// An answer that is no success. Status 0: there was no answer; `reason` then says why.
export class ApiError extends Error {
  constructor(status, message, { reason = '', retryAfter = 0 } = {}) {
    super(message)
    this.status = status
    this.reason = reason
    this.retryAfter = retryAfter
  }
}

// Storage may be forbidden (private windows, embedded pages): then the token lives with the page.
let remembered = null
const inStorage = (storage, action) => {
  try {
    return action(globalThis[storage])
  } catch {
    return null
  }
}

export const hasToken = () => Boolean(token())
const token = () =>
  remembered ??
  inStorage('sessionStorage', (storage) => storage.getItem(KEY)) ??
  inStorage('localStorage', (storage) => storage.getItem(KEY))

// Keep the token for this tab, or for good.
export const keepToken = (value, forGood = false) => {
  forgetToken()
  remembered = value
  inStorage(forGood ? 'localStorage' : 'sessionStorage', (storage) =>
    storage.setItem(KEY, value),
  )
}

export const forgetToken = () => {
  remembered = null
  for (const storage of ['sessionStorage', 'localStorage']) {
    inStorage(storage, (found) => found.removeItem(KEY))
  }
}

// Take the token out of `#token=...`, so that it is in no history, bookmark or screenshot.
export const takeTokenFromAddress = () => {
  const given = new URLSearchParams(location.hash.slice(1)).get('token')
  if (!given) return
  keepToken(given)
  history.replaceState(null, '', location.pathname + location.search)
}

// A setting of this browser, such as the theme; not part of any link.
export const setting = (name) =>
  inStorage('localStorage', (storage) => storage.getItem(`liveinsight.${name}`))
export const keepSetting = (name, value) =>
  inStorage('localStorage', (storage) =>
    value === null
      ? storage.removeItem(`liveinsight.${name}`)
      : storage.setItem(`liveinsight.${name}`, value),
  )

// Ask the API; the answer as it comes. Raises ApiError.
export const fetchApi = async (path, parameters = {}, signal = null) => {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value))
  const late = AbortSignal.timeout(TIMEOUT)
  let response
  try {
    response = await fetch(`api/${path}${query.size ? `?${query}` : ''}`, {
      headers: { Authorization: `Bearer ${token()}` },
      credentials: 'omit',
      cache: 'no-store',
      signal: signal ? AbortSignal.any([signal, late]) : late,
    })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new ApiError(0, '', {
      reason: late.aborted ? 'timeout' : navigator.onLine ? 'unreachable' : 'offline',
    })
  }
  if (response.ok) return response
  const answer = await response.json().catch(() => ({}))
  // Only what the app itself says is a sentence for people; the gateway's are not.
  throw new ApiError(response.status, answer.status === 'error' ? (answer.message ?? '') : '', {
    retryAfter: Number(response.headers.get('Retry-After')) * 1000 || 0,
  })
}

// Ask the API; the `data` of its answer. Raises ApiError.
export const ask = async (path, parameters, signal) => {
  const response = await fetchApi(path, parameters, signal)
  const answer = await response.json().catch(() => null)
  if (answer?.status !== 'success')
    throw new ApiError(response.status, '', { reason: 'unreadable' })
  return answer.data
}

// Ask again and again: every five seconds, more rarely after failures, never while hidden.
// Gives a function that asks at once; `asking(signal)` returns a promise, the others are told.
export const keepAsking = (asking, { answered, failed }) => {
  let timer = 0
  let failures = 0
  let running = null
  const wait = (milliseconds) => {
    clearTimeout(timer)
    if (!document.hidden) timer = setTimeout(once, milliseconds)
  }
  const once = async () => {
    clearTimeout(timer)
    running?.abort()
    const mine = (running = new AbortController())
    try {
      const answer = await asking(mine.signal)
      if (mine.signal.aborted) return
      failures = 0
      answered(answer)
      wait(POLL_EVERY)
    } catch (error) {
      if (mine.signal.aborted) return
      failures += 1
      const delay = Math.min(
        LONGEST_WAIT,
        Math.max(error.retryAfter ?? 0, POLL_EVERY * 2 ** failures),
      )
      failed(error, delay)
      if (error.status !== 401) wait(delay)
    }
  }
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) {
      clearTimeout(timer)
      running?.abort()
    } else once()
  })
  addEventListener('online', once)
  return once
}
