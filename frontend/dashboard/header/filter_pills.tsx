// The filters of the view: each can be edited and removed.

import { Icon } from '../components/icon'
import { dimensionName, valueName } from '../format/names'
import { label, t } from '../i18n/translate'
import { formatFilters, parseFilters, removeFilter, type Filter } from '../query/filter_syntax'
import { navigate, urlState, useUrlState } from '../state/navigation'
import { openMenu } from '../state/open_menu'

export const FilterPills = () => {
  const filters = parseFilters(useUrlState().filters)
  if (filters.length === 0) return null
  return (
    <div class="pills" id="pills">
      {filters.map((filter) => (
        <Pill key={formatFilters([filter])} filter={filter} />
      ))}
      {filters.length > 1 && (
        <button type="button" class="plain" onClick={() => navigate({ filters: '' })}>
          {t('clearFilters')}
        </button>
      )}
    </div>
  )
}

const Pill = ({ filter }: { filter: Filter }) => {
  const name = filterName(filter)
  const remove = () => navigate({ filters: removeFilter(urlState().filters, filter) })
  return (
    <span class="pill">
      <button
        type="button"
        class="pill-name"
        title={t('editFilter', { name })}
        onClick={({ currentTarget }) =>
          openMenu.set({ name: 'filter', button: currentTarget, filter })
        }
      >
        {dimensionName(filter.dimension)}{' '}
        <span class="muted">{label('operators', filter.operator)}</span>{' '}
        <b>
          {filter.values.map((value, index) => (
            <>
              {index > 0 && ` ${t('or')} `}
              <bdi>{valueName(filter.dimension, value)}</bdi>
            </>
          ))}
        </b>
      </button>
      <button
        type="button"
        class="pill-remove"
        aria-label={t('removeFilter', { name })}
        onClick={remove}
      >
        <Icon name="close" />
      </button>
    </span>
  )
}

const filterName = ({ dimension, operator, values }: Filter): string => {
  const names = values.map((value) => valueName(dimension, value)).join(` ${t('or')} `)
  return `${dimensionName(dimension)} ${label('operators', operator)} ${names}`
}
