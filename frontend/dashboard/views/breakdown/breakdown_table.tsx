// The table of a breakdown: a row for each value, which filters by it, and a column for each metric.

import type { BreakdownRow } from '../../api/types'
import { ValueIcon } from '../../components/value_icon'
import { isOtherRow, rowName } from '../../format/names'
import { formatMetric } from '../../format/numbers'
import { isFilteredBy, toggleFilter } from '../../query/filter_syntax'
import { navigate, useUrlState } from '../../state/navigation'
import { columnName, columnsOf, type Column, type Sorting } from './breakdown_order'

interface BreakdownTableProps {
  dimension: string
  rows: readonly BreakdownRow[]
  /** Dimensions whose last row stands for all others. */
  cut: readonly string[]
  sorting: Sorting
  onSort: (column: Column) => void
}

export const BreakdownTable = ({ dimension, rows, cut, sorting, onSort }: BreakdownTableProps) => {
  const columns = columnsOf(dimension)
  return (
    <table class="metrics-table details-table">
      <thead>
        <tr>
          {columns.map((column) => (
            <ColumnHeader
              key={column}
              name={columnName(column, dimension)}
              order={sorting.column === column ? sorting : null}
              onSort={() => onSort(column)}
            />
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={`${row.value === null} ${row.value}`}>
            <th scope="row">
              <Value dimension={dimension} row={row} cut={cut} />
            </th>
            {columns.map((column) => column !== 'value' && <Metric column={column} row={row} />)}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

interface ColumnHeaderProps {
  name: string
  order: Sorting | null
  onSort: () => void
}

const ColumnHeader = ({ name, order, onSort }: ColumnHeaderProps) => (
  <th
    scope="col"
    aria-sort={order === null ? 'none' : order.isDescending ? 'descending' : 'ascending'}
  >
    <button type="button" class="sort" onClick={onSort}>
      <span>{name}</span>
      <span class="arrow" aria-hidden="true">
        {order && (order.isDescending ? ' ▼' : ' ▲')}
      </span>
    </button>
  </th>
)

interface ValueProps {
  dimension: string
  row: BreakdownRow
  cut: readonly string[]
}

const Value = ({ dimension, row: { value }, cut }: ValueProps) => {
  const { filters } = useUrlState()
  const name = rowName(dimension, value, cut)
  return (
    <div class="value-cell">
      <ValueIcon dimension={dimension} value={value} />
      <button
        type="button"
        class="value"
        title={name}
        aria-pressed={isFilteredBy(filters, dimension, value)}
        disabled={isOtherRow(value, dimension, cut)}
        onClick={() =>
          navigate({ filters: toggleFilter(filters, dimension, value), all: '' })
        }
      >
        {name}
      </button>
    </div>
  )
}

interface MetricProps {
  column: Exclude<Column, 'value'>
  row: BreakdownRow
}

const Metric = ({ column, row }: MetricProps) => (
  <td>
    <data value={row[column] ?? ''}>{formatMetric(column, row[column])}</data>
  </td>
)
