// Sessions in words: where the visitor came from, what they did, how the session ended.

import type { Session } from '../../api/types'
import { formatDuration } from '../../format/numbers'
import { escapeBidi } from '../../format/safe_text'
import { formatAgo } from '../../format/times'
import { label, t } from '../../i18n/translate'

const ACTIVE_FOR_MS = 5 * 60_000

/** Whether the visitor is still there: their last event is at most five minutes old. */
export const isActiveNow = (session: Session, now = Date.now()): boolean =>
  session.is_active && now - Date.parse(session.last_activity) < ACTIVE_FOR_MS

export const sourceLabel = (session: Session): string => {
  const source = session.source ?? session.utm_source ?? hostname(session.referrer)
  return source ? t('cameFrom', { source: escapeBidi(source) }) : t('cameDirectly')
}

const hostname = (referrer: string | null): string | null => {
  if (!referrer) return null
  try {
    return new URL(referrer).hostname.replace(/^www\./, '') || referrer
  } catch {
    return referrer
  }
}

/** "3 pages", "1 event", "2m 5s": without the last two if there was none. */
export const describeActivity = (session: Session): string[] => [
  t('viewedPages', { n: session.page_count }),
  ...(session.events ? [t('sentEvents', { n: session.events })] : []),
  ...(session.duration ? [formatDuration(session.duration)] : []),
]

/** Why the session ended, or when it will. */
export const describeEnd = (session: Session, now = Date.now()): string => {
  if (session.is_active && Date.parse(session.expires_at) <= now) return t('closing')
  if (session.is_active) return t('stillActive', { time: formatAgo(session.expires_at, now) })
  return session.ended_by ? label('endings', session.ended_by) : t('ended')
}
