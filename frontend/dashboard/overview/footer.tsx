// What the numbers of the overview are: how visitors are counted, in which zone, from when.

import { formatClock } from '../format/times'
import { label, t } from '../i18n/translate'
import { shownStats } from '../answers/stats'
import { useStore } from '../state/store'

export const OverviewFooter = () => {
  const answer = useStore(shownStats)?.answer
  return (
    <footer class="foot" id="foot">
      {answer && (
        <p>
          {[
            label('visitorCounting', answer.meta.visitors_are),
            ...(answer.meta.open_sessions
              ? [t('activeSessions', { n: answer.meta.open_sessions })]
              : []),
            t('allTimesIn', { zone: answer.period.timezone }),
            t('updatedAt', {
              time: formatClock(answer.meta.generated_at, { seconds: true, date: true }),
            }),
          ].join(' ')}
        </p>
      )}
    </footer>
  )
}
