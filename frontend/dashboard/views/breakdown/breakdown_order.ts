// How the rows of a breakdown are shown in a table: which columns they have, and in which order.

import type { BreakdownRow } from '../../api/types'
import { dimensionName } from '../../format/names'
import { label } from '../../i18n/translate'
import { countsEvents, METRICS, type Metric } from '../../query/dimensions'

export type Column = 'value' | 'events' | Metric

export interface Sorting {
  column: Column
  isDescending: boolean
}

export const DEFAULT_SORTING: Sorting = { column: 'visitors', isDescending: true }

/** The value and the metrics; for an event or a property, how many events it has, too. */
export const columnsOf = (dimension: string): Column[] => {
  const [visitors, ...others] = METRICS
  return ['value', visitors, ...(countsEvents(dimension) ? (['events'] as const) : []), ...others]
}

export const columnName = (column: Column, dimension: string): string =>
  column === 'value' ? dimensionName(dimension) : label('metrics', column)

/** The order after a click on a column: names from A, numbers from the top; the next click reverses it. */
export const sortingAfterClick = (sorting: Sorting, column: Column): Sorting => ({
  column,
  isDescending: sorting.column === column ? !sorting.isDescending : column !== 'value',
})

/** Sort rows; `nameOf` is what a row is called, which is not always its value. */
export const sortRows = (
  rows: readonly BreakdownRow[],
  { column, isDescending }: Sorting,
  nameOf: (row: BreakdownRow) => string,
): BreakdownRow[] => {
  const compare = (a: BreakdownRow, b: BreakdownRow): number =>
    column === 'value'
      ? nameOf(a).localeCompare(nameOf(b))
      : (a[column] ?? -1) - (b[column] ?? -1)
  return [...rows].sort((a, b) => (isDescending ? compare(b, a) : compare(a, b)))
}
