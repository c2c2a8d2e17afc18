// The values of the chart as a table.

import { formatMetric } from '../format/numbers'
import { zoneName } from '../format/times'
import { label, t } from '../i18n/translate'
import { describeBucket, type Series } from './series'

export const ChartTable = ({ series }: { series: Series }) => {
  const { rows, previous, metric, comparison } = series
  const name = label('metrics', metric)
  return (
    <div class="scroller" tabIndex={0} role="region" aria-label={t('asTable')}>
      <table class="metrics-table">
        <caption class="visually-hidden">{t('chartOf', { metric: name })}</caption>
        <thead>
          <tr>
            <th scope="col">{t('timeIn', { zone: zoneName() })}</th>
            <th scope="col">{name}</th>
            {previous && <th scope="col">{label('versus', comparison)}</th>}
            {previous && <th scope="col">{t('difference')}</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <Row key={row.time} series={series} index={index} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

const Row = ({ series, index }: { series: Series; index: number }) => {
  const bucket = describeBucket(series, index)
  if (!bucket) return null
  const { name, value, isPartial, change } = bucket
  const { metric, rows, previous } = series
  return (
    <tr>
      <th scope="row">{isPartial ? `${name} (${t('inProgress')})` : name}</th>
      <td>
        <data value={rows[index]?.[metric] ?? ''}>{value}</data>
      </td>
      {previous && <td>{formatMetric(metric, previous[index]?.[metric])}</td>}
      {previous && <td>{change ? `${change.arrow} ${change.text}` : '–'}</td>}
    </tr>
  )
}
