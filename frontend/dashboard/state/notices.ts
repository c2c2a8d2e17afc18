// Messages over the page: a problem that lasts until it passes, or a short confirmation.

import { ApiError } from '../api/client'
import { formatClock } from '../format/times'
import { label, t } from '../i18n/translate'
import { createStore } from './store'

/** What a notice is about; what ends the problem ends the notice. */
type Topic = 'stats' | 'live' | 'message'

interface Notice {
  topic: Topic
  text: string
  title?: string
  retry?: (() => void) | undefined
}

export const notice = createStore<Notice | null>(null)
/** Text for screen readers; `count` tells one announcement from the same one again. */
export const announcement = createStore({ text: '', count: 0 })

const TOAST_MS = 4_000

export const dismiss = (topic: Topic): void => {
  if (notice.get()?.topic === topic) notice.set(null)
}

/** Show a message for a moment. */
export const toast = (text: string): void => {
  const shown = text ? { topic: 'message' as const, text } : null
  notice.set(shown)
  setTimeout(() => notice.get() === shown && notice.set(null), TOAST_MS)
}

export const announce = (text: string): void =>
  announcement.set({ text, count: announcement.get().count + 1 })

/** What an error means, in a sentence. `shownAt` is the time of the numbers on the page. */
export const errorText = (error: unknown, shownAt = new Date().toISOString()): string => {
  if (!(error instanceof ApiError)) return t('errorTitle')
  if (error.reason) return label('errors', error.reason, { time: formatClock(shownAt) })
  if (error.status === 429) return label('errors', 'limit')
  return error.message || label('errors', 'other', { status: String(error.status) })
}

export const showError = (
  error: unknown,
  { shownAt, retry }: { shownAt?: string | undefined; retry?: (() => void) | undefined } = {},
): void =>
  notice.set({ topic: 'stats', title: t('errorTitle'), text: errorText(error, shownAt), retry })
