// The rows of a card: bars behind the names. A row filters the page by its value.

import { useRef } from 'preact/hooks'
import type { BreakdownRow, Stats } from '../api/types'
import { useKeptFocus } from '../components/keep_focus'
import { ValueIcon } from '../components/value_icon'
import { isOtherRow, rowName } from '../format/names'
import { formatNumber, formatPercent } from '../format/numbers'
import { t } from '../i18n/translate'
import { countsEvents, shownRows, type Card } from '../query/dimensions'
import { isFilteredBy, toggleFilter } from '../query/filter_syntax'
import { navigate, urlState, useUrlState } from '../state/navigation'

interface BreakdownRowsProps {
  card: Card
  dimension: string
  answer: Stats
}

export const BreakdownRows = ({ card, dimension, answer }: BreakdownRowsProps) => {
  const list = useRef<HTMLUListElement>(null)
  useKeptFocus(list, () => document.querySelector<HTMLElement>(`#card-${card} [tabindex="0"]`))
  const breakdown = answer.breakdowns[dimension]
  const rows = shownRows(dimension, breakdown?.rows ?? [])
  const most = Math.max(1, ...rows.map((row) => row.visitors))
  return (
    <div
      class="rows"
      role="tabpanel"
      id={`rows-${card}`}
      aria-labelledby={`title-${card}`}
    >
      <ul ref={list}>
        {rows.map((row) => (
          <Row
            key={JSON.stringify([dimension, row.value])}
            row={row}
            most={most}
            dimension={dimension}
            answer={answer}
          />
        ))}
      </ul>
      {breakdown && rows.length === 0 && <p class="rows-empty">{t('noData')}</p>}
    </div>
  )
}

interface RowProps {
  row: BreakdownRow
  most: number
  dimension: string
  answer: Stats
}

const Row = ({ row, most, dimension, answer }: RowProps) => {
  const { filters } = useUrlState()
  const { value } = row
  const name = rowName(dimension, value, answer.meta.cut)
  const content = (
    <>
      <i style={{ width: `${(100 * row.visitors) / most}%` }} />
      <ValueIcon dimension={dimension} value={value} />
      <span class="name">{name}</span>
      <data class="count" value={row.visitors}>
        {formatNumber(row.visitors)}
      </data>
      <span class="second">
        {countsEvents(dimension)
          ? formatNumber(row.events)
          : formatPercent(row.visitors / Math.max(1, answer.totals.visitors))}
      </span>
    </>
  )
  // All others together are not a value to filter by.
  if (isOtherRow(value, dimension, answer.meta.cut))
    return (
      <li>
        <div class="row" title={name}>
          {content}
        </div>
      </li>
    )
  return (
    <li>
      <button
        type="button"
        class="row"
        title={name}
        aria-pressed={isFilteredBy(filters, dimension, value)}
        onClick={() => navigate({ filters: toggleFilter(urlState().filters, dimension, value) })}
      >
        {content}
      </button>
    </li>
  )
}
