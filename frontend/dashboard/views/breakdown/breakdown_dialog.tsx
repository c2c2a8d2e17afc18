// All values of a dimension in a dialog: searchable, and sortable by any metric.

import { useState } from 'preact/hooks'
import { Dialog } from '../../components/dialog'
import { IconButton } from '../../components/icon'
import { downloadBreakdown } from '../../export/on_demand'
import { listName, rowName } from '../../format/names'
import { t } from '../../i18n/translate'
import { shownRows } from '../../query/dimensions'
import { cacheKey, statsQuery } from '../../query/stats_query'
import { navigate, urlState, useUrlState } from '../../state/navigation'
import { announce } from '../../state/notices'
import {
  columnName,
  DEFAULT_SORTING,
  sortingAfterClick,
  sortRows,
  type Column,
  type Sorting,
} from './breakdown_order'
import { BreakdownTable } from './breakdown_table'
import { useBreakdown, type LoadedRows } from './use_breakdown'

export const BreakdownDialog = () => {
  const state = useUrlState()
  const dimension = state.all
  const [search, setSearch] = useState('')
  const [sorting, setSorting] = useState(DEFAULT_SORTING)
  const key = cacheKey(statsQuery(state))
  const { loaded, loadMore, loadAll } = useBreakdown({ dimension, search, key })

  const sortBy = (column: Column) => {
    setSorting(sortingAfterClick(sorting, column))
    announce(columnName(column, dimension))
    void loadAll()
  }
  const rows = sortRows(shownRows(dimension, loaded.rows), sorting, ({ value }) =>
    rowName(dimension, value, loaded.cut),
  )
  return (
    <Dialog
      class="details"
      title={listName(dimension)}
      focusClose={false}
      isLoading={loaded.isLoading}
      onClose={() => urlState().all && navigate({ all: '' })}
      tools={
        <>
          <SearchField dimension={dimension} onSearch={setSearch} />
          <IconButton
            icon="download"
            label={t('exportCsv')}
            onClick={() => void downloadBreakdown(dimension, search)}
          />
        </>
      }
      footer={<Footer loaded={loaded} sorting={sorting} onMore={() => void loadMore()} />}
    >
      <BreakdownTable
        dimension={dimension}
        rows={rows}
        cut={loaded.cut}
        sorting={sorting}
        onSort={sortBy}
      />
    </Dialog>
  )
}

interface FooterProps {
  loaded: LoadedRows
  sorting: Sorting
  onMore: () => void
}

/** How many rows there are, and the button that loads more of them. */
const Footer = ({ loaded, sorting, onMore }: FooterProps) => {
  const { rows, total, isLoading, problem } = loaded
  const isComplete = rows.length >= total
  const isSortedPartly = sorting.column !== 'visitors' && !isComplete
  const count = isLoading && !rows.length ? t('loading') : t('shown', { shown: rows.length, total })
  return (
    <>
      <span role="status">
        {problem || count}
        {isSortedPartly && ` · ${t('sortedAmong', { n: rows.length })}`}
      </span>
      {!isComplete && (
        <button type="button" class="plain" onClick={onMore}>
          {t('loadMore')}
        </button>
      )}
    </>
  )
}

interface SearchFieldProps {
  dimension: string
  onSearch: (search: string) => void
}

const SearchField = ({ dimension, onSearch }: SearchFieldProps) => (
  <input
    type="search"
    autoFocus
    autocomplete="off"
    spellcheck={false}
    placeholder={t('search')}
    aria-label={t('searchIn', { name: listName(dimension) })}
    onInput={({ currentTarget }) => onSearch(currentTarget.value.trim())}
  />
)
