// One metric over time: as a line, or the same values as a table.

import { Icon } from '../components/icon'
import { zoneName } from '../format/times'
import { label, t } from '../i18n/translate'
import { INTERVALS, type Interval } from '../query/dimensions'
import { navigate, useUrlState } from '../state/navigation'
import type { ShownStats } from '../answers/stats'
import { ChartTable } from './chart_table'
import { Plot } from './plot'
import type { Series } from './series'

export const Chart = ({ shown }: { shown: ShownStats }) => {
  const { metric, table } = useUrlState()
  const { answer, state } = shown
  const series: Series = {
    rows: answer.series,
    previous: answer.previous_series ?? null,
    metric,
    period: answer.period,
    comparison: state.compare,
  }
  return (
    <>
      <div class="chart-head">
        <Legend series={series} />
        <Zone />
        <Tools />
      </div>
      {table ? <ChartTable series={series} /> : <Plot series={series} />}
    </>
  )
}

const Legend = ({ series: { rows, previous, metric, comparison } }: { series: Series }) => (
  <div class="legend">
    <span class="this">{label('metrics', metric)}</span>
    {rows.length > 1 && rows.some((row) => row.partial) && (
      <span class="running">{t('inProgress')}</span>
    )}
    {previous && <span class="earlier">{label('comparisons', comparison)}</span>}
  </div>
)

const Zone = () => {
  const times = t('timesIn', { zone: zoneName() })
  return (
    <span class="zone" title={times}>
      {times}
    </span>
  )
}

const Tools = () => {
  const { interval, table } = useUrlState()
  return (
    <div class="chart-tools">
      <select
        class="small-choice tools-interval"
        aria-label={t('interval')}
        value={interval}
        onChange={(event) => navigate({ interval: event.currentTarget.value as Interval | '' })}
      >
        <option value="">{t('auto')}</option>
        {INTERVALS.map((name) => (
          <option key={name} value={name}>
            {label('intervals', name)}
          </option>
        ))}
      </select>
      <button
        type="button"
        class="small-choice tools-table"
        aria-pressed={table === '1'}
        onClick={() => navigate({ table: table ? '' : '1' }, { replace: true })}
      >
        <Icon name="table" />
        {t('asTable')}
      </button>
    </div>
  )
}
