// The overview: the last half hour, the metrics with their chart, and a card for each breakdown.

import { MinuteBars } from '../components/minute_bars'
import { t } from '../i18n/translate'
import { BreakdownCards, Chart, NoVisitors } from '../lazy_views'
import { live } from '../answers/live'
import { shownStats } from '../answers/stats'
import { useStore } from '../state/store'
import { MetricTiles } from './metric_tiles'

export const Overview = () => {
  const shown = useStore(shownStats)
  return (
    <>
      <section class="panel minutes" id="minutes" aria-label={t('lastHalfHour')}>
        <MinuteBars live={useStore(live).answer} />
      </section>
      <section class="panel metrics" aria-label={t('metricsOfPeriod')}>
        <MetricTiles answer={shown?.answer ?? null} />
        <div class="chart" id="chart">
          {shown && <Chart shown={shown} />}
        </div>
      </section>
      <div class="cards" id="cards">
        {shown && shown.answer.totals.sessions > 0 && <BreakdownCards shown={shown} />}
        {shown && shown.answer.totals.sessions === 0 && <NoVisitors />}
      </div>
    </>
  )
}
