// The latest answer of /api/realtime, which every view shows some of.

import { ApiError, get } from '../api/client'
import { startPolling } from '../api/polling'
import type { Realtime } from '../api/types'
import { formatDuration } from '../format/numbers'
import { t } from '../i18n/translate'
import { onUrlStateChange, urlState } from '../state/navigation'
import { dismiss, errorText, notice } from '../state/notices'
import { requireSignIn } from '../state/sign_in'
import { createStore } from '../state/store'
import { learnSiteZone } from '../state/time_zone'

// Each request costs the owner of the site, and only Realtime shows who comes and goes.
const REALTIME_MS = 5_000
const OTHER_VIEWS_MS = 15_000

export interface Live {
  answer: Realtime | null
  receivedAt: number
  hasFailed: boolean // the latest request did
}

const NOTHING: Live = { answer: null, receivedAt: 0, hasFailed: false }
export const live = createStore(NOTHING)

export const liveAnswer = (): Realtime | null => live.get().answer

let askNow = (): void => {}

/** Request the live numbers at once. */
export const refreshLive = (): void => askNow()

export const startLive = (): void => {
  askNow = startPolling({
    request: (signal) => get('realtime', { site: urlState().site }, signal),
    intervalMs: () => (urlState().view === 'realtime' ? REALTIME_MS : OTHER_VIEWS_MS),
    onAnswer: (answer) => {
      learnSiteZone(answer.timezone)
      dismiss('live')
      live.set({ answer, receivedAt: Date.now(), hasFailed: false })
    },
    onError: showFailure,
  })
  onUrlStateChange((state, before) => {
    if (state.site !== before.site) live.set(NOTHING)
    else if (state.view === before.view || state.view !== 'realtime') return
    askNow()
  })
  askNow()
}

const showFailure = (error: unknown, delayMs: number): void => {
  learnSiteZone(null)
  if (error instanceof ApiError && error.status === 401) return requireSignIn()
  live.set({ ...live.get(), hasFailed: true })
  if (!liveAnswer()) return
  const wait = t('liveFailed', { time: formatDuration(delayMs / 1000) })
  notice.set({ topic: 'live', text: `${errorText(error)} ${wait}` })
}
