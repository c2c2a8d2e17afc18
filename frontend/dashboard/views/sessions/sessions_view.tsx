// The sessions of the period as a table, latest first. A row opens the session's timeline.

import { useEffect, useRef } from 'preact/hooks'
import { formatNumber } from '../../format/numbers'
import { formatDay, zoneName } from '../../format/times'
import { label, t } from '../../i18n/translate'
import { periodQuery } from '../../query/stats_query'
import { useUrlState } from '../../state/navigation'
import { refreshCount } from '../../answers/refresh'
import { useStore } from '../../state/store'
import { useCurrentZone } from '../../state/time_zone'
import { loadMoreSessions, loadSessions, sessionList } from './session_list'
import { SessionTableRow } from './session_table_row'

export const SessionsView = () => {
  const state = useUrlState()
  const { sessions, cursor, receivedAt, isOutdated, problem } = useStore(sessionList)
  useCurrentZone() // the times are in it
  const refreshes = useStore(refreshCount)
  const isFirst = useRef(true)
  useEffect(() => {
    void loadSessions({ force: !isFirst.current })
    isFirst.current = false
  }, [JSON.stringify(periodQuery(state)), refreshes])

  const count = cursor ? t('latest', { n: sessions.length }) : formatNumber(sessions.length)
  const isEmpty = receivedAt > 0 && !sessions.length
  return (
    <section class={isOutdated ? 'panel outdated' : 'panel'} aria-labelledby="sessions-title">
      <div class="sessions-head">
        <h2 id="sessions-title">{t('sessionsOfPeriod')}</h2>
        <span class="muted" role="status">
          {receivedAt > 0 && count}
        </span>
        <span class="zone">{receivedAt > 0 && t('timesIn', { zone: zoneName() })}</span>
      </div>
      <div class="sessions-scroll">
        <table class="metrics-table sessions-table">
          <SessionColumns />
          <tbody>
            {sessions.map((session, index) => (
              <SessionTableRow
                key={session.session_id}
                session={session}
                day={dayUnlessAbove(session.start_time, sessions[index - 1]?.start_time)}
              />
            ))}
          </tbody>
        </table>
      </div>
      {(problem || isEmpty) && <p class="rows-empty">{problem || t('noSessions')}</p>}
      {cursor && (
        <div class="sessions-foot">
          <button type="button" class="choice" onClick={() => void loadMoreSessions()}>
            {t('loadMore')}
          </button>
        </div>
      )}
    </section>
  )
}

const SessionColumns = () => (
  <thead>
    <tr>
      <Column name="started" text={t('started')} />
      <Column name="visitor" text={t('visitor')} />
      <Column name="path" text={t('path')} />
      <Column name="pageviews" text={label('metrics', 'pageviews')} />
      <Column name="events" text={label('metrics', 'events')} />
      <Column name="duration" text={t('duration')} />
    </tr>
  </thead>
)

const Column = ({ name, text }: { name: string; text: string }) => (
  <th scope="col" class={`c-${name}`}>
    {text}
  </th>
)

/** The day of a time, written only where it differs from the row above. */
const dayUnlessAbove = (time: string, above: string | undefined): string => {
  const day = formatDay(time)
  return above !== undefined && day === formatDay(above) ? '' : day
}
