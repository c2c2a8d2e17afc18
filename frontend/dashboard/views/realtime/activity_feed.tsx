// The latest sessions by their last event. Those that arrive while the feed is open slide in.

import { useRef } from 'preact/hooks'
import type { Session } from '../../api/types'
import { useKeptFocus } from '../../components/keep_focus'
import { t } from '../../i18n/translate'
import { SessionRow } from '../sessions/session_row'
import { navigate } from '../../state/navigation'

export const ActivityFeed = ({ sessions }: { sessions: Session[] }) => {
  const list = useRef<HTMLUListElement>(null)
  const initialIds = useRef(new Set(sessions.map((session) => session.session_id))).current
  useKeptFocus(list, () => list.current)
  return (
    <section class="panel feed-card" aria-labelledby="feed-title">
      <h2 id="feed-title">
        {t('activity')} <small class="muted">{t('activityMeaning')}</small>
      </h2>
      <ul class="feed" ref={list} tabIndex={0} aria-labelledby="feed-title">
        {sessions.map((session) => (
          <li
            key={session.session_id}
            class={initialIds.has(session.session_id) ? undefined : 'arrived'}
            data-key={session.session_id}
          >
            <SessionRow session={session} onOpen={(id) => navigate({ session: id })} />
          </li>
        ))}
      </ul>
    </section>
  )
}
