// The realtime view: the live number, the last half hour by minute, where visitors are, and the
// latest sessions as they come.

import type { Realtime } from '../../api/types'
import { listName } from '../../format/names'
import { formatNumber } from '../../format/numbers'
import { label, t } from '../../i18n/translate'
import { live } from '../../answers/live'
import { useUrlState } from '../../state/navigation'
import { useStore } from '../../state/store'
import { useCurrentZone } from '../../state/time_zone'
import { MinuteBars } from '../../components/minute_bars'
import { ActivityFeed } from './activity_feed'
import { MinutesTable } from './minutes_table'
import { RealtimeList } from './realtime_list'

export const RealtimeView = () => {
  const { filters } = useUrlState()
  const { answer } = useStore(live)
  useCurrentZone() // the times are in it
  return (
    <>
      <LiveNumber live={answer} />
      {filters && <p class="muted">{t('noFilters')}</p>}
      {answer && (
        <>
          <MinutesTable minutes={answer.series} />
          <div class="now-grid">
            <ActivityFeed sessions={answer.feed} />
            <div class="now-lists">
              <RealtimeList title={t('activePages')} dimension="page" rows={answer.pages} />
              <RealtimeList title={listName('source')} dimension="source" rows={answer.sources} />
              <RealtimeList
                title={listName('country')}
                dimension="country"
                rows={answer.countries}
              />
              <RealtimeList title={listName('device')} dimension="device" rows={answer.devices} />
            </div>
          </div>
        </>
      )}
    </>
  )
}

const LiveNumber = ({ live }: { live: Realtime | null }) => {
  const visitors = live?.current_visitors ?? 0
  return (
    <section class="panel now" aria-label={label('views', 'realtime')}>
      <div>
        <div class="now-number">{live ? formatNumber(visitors) : '–'}</div>
        <p class="now-words">
          <span class={visitors ? 'dot on' : 'dot'} aria-hidden="true" />
          <span>{t('current', { n: visitors })}</span>
        </p>
      </div>
      <div class="minutes bare">
        <MinuteBars live={live} />
      </div>
    </section>
  )
}
