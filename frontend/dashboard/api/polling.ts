// Asking again and again: less often after failures, and never while hidden.

import { ApiError } from './client'

const MAX_DELAY_MS = 60_000

interface Poll<T> {
  request: (signal: AbortSignal) => Promise<T>
  intervalMs: () => number
  onAnswer: (answer: T) => void
  onError: (error: unknown, delayMs: number) => void
}

/** Start to poll; returns a function that asks at once. It stops when the token is rejected. */
export const startPolling = <T>({ request, intervalMs, onAnswer, onError }: Poll<T>): (() => void) => {
  let timer = 0
  let failures = 0
  let running: AbortController | null = null

  const waitFor = (delayMs: number): void => {
    clearTimeout(timer)
    if (!document.hidden) timer = window.setTimeout(ask, delayMs)
  }

  const ask = async (): Promise<void> => {
    clearTimeout(timer)
    running?.abort()
    const { signal } = (running = new AbortController())
    try {
      const answer = await request(signal)
      if (signal.aborted) return
      failures = 0
      onAnswer(answer)
      waitFor(intervalMs())
    } catch (error) {
      if (signal.aborted) return
      failures += 1
      const retryAfterMs = error instanceof ApiError ? error.retryAfterMs : 0
      const delayMs = Math.min(MAX_DELAY_MS, Math.max(retryAfterMs, intervalMs() * 2 ** failures))
      onError(error, delayMs)
      if (!(error instanceof ApiError && error.status === 401)) waitFor(delayMs)
    }
  }

  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) return void ask()
    clearTimeout(timer)
    running?.abort()
  })
  addEventListener('online', () => void ask())
  return () => void ask()
}
