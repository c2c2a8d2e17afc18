// A short list of what current visitors have in common: pages, sources, countries or devices.

import type { RealtimeValue } from '../../api/types'
import { ValueIcon } from '../../components/value_icon'
import { valueName } from '../../format/names'
import { formatNumber } from '../../format/numbers'
import { t } from '../../i18n/translate'

const MAX_ROWS = 10

interface RealtimeListProps {
  title: string
  dimension: string
  rows: RealtimeValue[]
}

export const RealtimeList = ({ title, dimension, rows }: RealtimeListProps) => {
  if (isUnknownToAll(dimension, rows)) return null
  const shown = rows.slice(0, MAX_ROWS)
  const most = Math.max(1, ...shown.map((row) => row.visitors))
  return (
    <section class="panel short-card" data-dimension={dimension}>
      <h2>{title}</h2>
      <ul class="rows">
        {shown.map((row) => (
          <RealtimeRow key={row.value} dimension={dimension} row={row} most={most} />
        ))}
        {!shown.length && <li class="muted rows-none">{t('noCurrentVisitors')}</li>}
      </ul>
    </section>
  )
}

// A server without CloudFront knows no countries: a list of "(unknown)" would only take room. A
// visitor without a source is not unknown but direct.
const isUnknownToAll = (dimension: string, rows: RealtimeValue[]): boolean =>
  dimension !== 'source' && rows.length > 0 && rows.every((row) => row.value === null)

interface RealtimeRowProps {
  dimension: string
  row: RealtimeValue
  /** The visitors of the first row, whose bar is full. */
  most: number
}

const RealtimeRow = ({ dimension, row, most }: RealtimeRowProps) => {
  const name = valueName(dimension, row.value)
  return (
    <li class="row" title={name}>
      <i style={{ width: `${(100 * row.visitors) / most}%` }} />
      <ValueIcon dimension={dimension} value={row.value} />
      <span class="name">{name}</span>
      <data class="count" value={row.visitors}>
        {formatNumber(row.visitors)}
      </data>
    </li>
  )
}
