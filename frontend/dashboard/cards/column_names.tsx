// The names above the columns of a card. The first is a choice, if a tab has several dimensions.

import { useEffect, useState } from 'preact/hooks'
import { dimensionName } from '../format/names'
import { label, t } from '../i18n/translate'
import { countsEvents, isProperty, type Card } from '../query/dimensions'
import { navigate, urlState, useUrlState } from '../state/navigation'
import { propertyNames } from '../answers/stats'

interface ColumnNamesProps {
  card: Card
  dimensions: readonly string[]
  dimension: string
}

export const ColumnNames = ({ card, dimensions, dimension }: ColumnNamesProps) => (
  <div class="column-names">
    <span>
      <FirstColumn card={card} dimensions={dimensions} dimension={dimension} />
    </span>
    <span>{label('metrics', 'visitors')}</span>
    <span class="second">
      {label('metrics', countsEvents(dimension) ? 'events' : 'share')}
    </span>
  </div>
)

const FirstColumn = ({ card, dimensions, dimension }: ColumnNamesProps) => {
  if (isProperty(dimension)) return <PropertyChoice />
  if (dimensions.length === 1) return <>{dimensionName(dimension)}</>
  return (
    <select
      aria-label={t('groupBy')}
      value={dimension}
      onChange={(event) => navigate({ [card]: event.currentTarget.value }, { replace: true })}
    >
      {dimensions.map((name) => (
        <option key={name} value={name}>
          {dimensionName(name)}
        </option>
      ))}
    </select>
  )
}

/** Properties of the latest events are offered; any other name can be typed. */
const PropertyChoice = () => {
  const { site, prop } = useUrlState()
  const [names, setNames] = useState<string[]>([])
  useEffect(() => {
    void propertyNames(site).then((found) => {
      setNames(found)
      const [first] = found
      if (!urlState().prop && first) navigate({ prop: first }, { replace: true })
    })
  }, [site])
  return (
    <>
      <input
        key={prop}
        defaultValue={prop}
        list="prop-names"
        aria-label={t('propertyHelp')}
        placeholder={t('propertyName')}
        title={t('propertyHelp')}
        onChange={(event) =>
          navigate({ prop: event.currentTarget.value.trim() }, { replace: true })
        }
      />
      <datalist id="prop-names">
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  )
}
