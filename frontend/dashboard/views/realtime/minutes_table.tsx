// The bars of the last half hour as a table, for screen readers.

import type { RealtimeMinute } from '../../api/types'
import { formatNumber } from '../../format/numbers'
import { formatClock, zoneName } from '../../format/times'
import { label, t } from '../../i18n/translate'

export const MinutesTable = ({ minutes }: { minutes: RealtimeMinute[] }) => (
  <table class="visually-hidden minutes-table">
    <caption>{t('pageviewsPerMinute')}</caption>
    <thead>
      <tr>
        <th scope="col">{t('timeIn', { zone: zoneName() })}</th>
        <th scope="col">{label('metrics', 'pageviews')}</th>
        <th scope="col">{label('metrics', 'visitors')}</th>
      </tr>
    </thead>
    <tbody>
      {minutes.map(({ time, pageviews, visitors }) => (
        <tr key={time}>
          <th scope="row">{formatClock(time)}</th>
          <td>{formatNumber(pageviews)}</td>
          <td>{formatNumber(visitors)}</td>
        </tr>
      ))}
    </tbody>
  </table>
)
