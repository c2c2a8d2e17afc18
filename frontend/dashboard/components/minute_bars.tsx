// The page views of the last half hour as a bar for each minute, with the totals beside them.

import type { Realtime, RealtimeMinute } from '../api/types'
import { formatNumber } from '../format/numbers'
import { formatClock, zoneName } from '../format/times'
import { label, t } from '../i18n/translate'
import { tooltip } from './tooltip'

const MINUTES = 30
const NO_DATA: RealtimeMinute[] = Array(MINUTES).fill({ time: '', pageviews: 0, visitors: 0 })
const MIN_HEIGHT = 5 // percent, so that one page view is seen
const MIN_SCALE = 4 // page views; one alone is not a full bar

export const MinuteBars = ({ live }: { live: Realtime | null }) => (
  <>
    <div class="minutes-words">
      <h2>{t('lastHalfHour')}</h2>
      <dl class="facts">
        <Fact name={label('metrics', 'visitors')} value={live?.visitors} />
        <Fact name={label('metrics', 'pageviews')} value={live?.pageviews} />
        <Fact name={t('openSessions')} value={live?.open_sessions} />
      </dl>
    </div>
    <Bars live={live} />
    <div class="bars-time" aria-hidden="true">
      <span>{t('minutesAgo', { n: MINUTES - 1 })}</span>
      <span>{t('thisMinute')}</span>
    </div>
  </>
)

const Fact = ({ name, value }: { name: string; value: number | undefined }) => (
  <div>
    <dt>{name}</dt>
    <dd>
      <data value={value ?? ''}>{value === undefined ? '–' : formatNumber(value)}</data>
    </dd>
  </div>
)

const Bars = ({ live }: { live: Realtime | null }) => {
  const series = live?.series ?? NO_DATA
  const most = Math.max(...series.map((row) => row.pageviews))
  return (
    <div class="bars" role="img" aria-label={live ? summaryOf(live, most) : t('loading')}>
      {series.map((row, index) => (
        <Bar
          key={row.time || index}
          row={row}
          minutesAgo={series.length - 1 - index}
          most={most}
        />
      ))}
    </div>
  )
}

const summaryOf = ({ pageviews, visitors }: Realtime, most: number): string =>
  `${t('pageviewsPerMinute')}. ${t('minutesSummary', { pageviews, visitors, most })}`

interface BarProps {
  row: RealtimeMinute
  minutesAgo: number
  most: number
}

const Bar = ({ row, minutesAgo, most }: BarProps) => {
  const share = (100 * row.pageviews) / Math.max(most, MIN_SCALE)
  const height = row.pageviews ? Math.max(MIN_HEIGHT, share) : 0
  return (
    <span class={minutesAgo ? 'minute' : 'minute running'} {...tooltip(() => tipOf(row, minutesAgo))}>
      <i style={{ height: `${height}%` }} />
    </span>
  )
}

const tipOf = ({ time, pageviews, visitors }: RealtimeMinute, minutesAgo: number) => {
  if (!time) return t('loading')
  const when = minutesAgo ? t('minutesAgo', { n: minutesAgo }) : t('thisMinute')
  return (
    <>
      <b>{`${formatClock(time)} ${zoneName()} · ${when}`}</b>
      <div>{`${formatNumber(pageviews)} ${label('metrics', 'pageviews')}`}</div>
      <div>{`${formatNumber(visitors)} ${label('metrics', 'visitors')}`}</div>
    </>
  )
}
