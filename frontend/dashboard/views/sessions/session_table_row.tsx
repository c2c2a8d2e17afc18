// One session as a row of the sessions table. The button that opens it covers the row.

import type { Session } from '../../api/types'
import { pageName } from '../../format/names'
import { formatDuration, formatNumber } from '../../format/numbers'
import { formatClock, formatMoment } from '../../format/times'
import { t } from '../../i18n/translate'
import { navigate } from '../../state/navigation'
import { Avatar, VisitorDescription } from './session_row'
import { isActiveNow, sourceLabel } from './session_text'

interface SessionTableRowProps {
  session: Session
  /** The date, unless the row above has the same. */
  day: string
}

export const SessionTableRow = ({ session, day }: SessionTableRowProps) => (
  <tr>
    <th scope="row" class="c-started">
      <span class="day">{day}</span>
      <button
        type="button"
        class="open"
        title={formatMoment(session.start_time)}
        onClick={() => navigate({ session: session.session_id })}
      >
        {formatClock(session.start_time)}
      </button>
      {isActiveNow(session) && <span class="dot on" title={t('activeNow')} />}
    </th>
    <td class="c-visitor">
      <Visitor session={session} />
    </td>
    <td class="c-path">
      <Path session={session} />
    </td>
    <td class="c-pageviews">{formatNumber(session.page_count)}</td>
    <td class="c-events">{formatNumber(session.events)}</td>
    <td class="c-duration">{session.duration ? formatDuration(session.duration) : '–'}</td>
  </tr>
)

const Visitor = ({ session }: { session: Session }) => {
  const source = sourceLabel(session)
  return (
    <div class="who">
      <Avatar session={session} />
      <div>
        <div>
          <VisitorDescription session={session} />
        </div>
        <div class="muted" title={source}>
          {source}
        </div>
      </div>
    </div>
  )
}

/** The entry page and, if it is another one, the exit page. */
const Path = ({ session }: { session: Session }) => {
  const entry = pageName(session.entry_page)
  const exit = pageName(session.exit_page)
  const hasExit = session.exit_page !== null && session.exit_page !== session.entry_page
  return (
    <>
      <div title={entry}>{entry}</div>
      {hasExit && (
        <div class="muted" title={exit}>
          → {exit}
        </div>
      )}
    </>
  )
}
