// Putting a filter together: a dimension, a condition, and values out of those that there are.

import { useEffect, useRef, useState } from 'preact/hooks'
import { closeMenu, Popover } from '../components/popover'
import { dimensionName, valueName } from '../format/names'
import { label, t } from '../i18n/translate'
import { CARD_NAMES, tabsOf } from '../query/dimensions'
import {
  addFilter,
  OPERATORS,
  removeFilter,
  type FilterValue,
  type Operator,
} from '../query/filter_syntax'
import { navigate, useUrlState } from '../state/navigation'
import type { OpenMenu } from '../state/open_menu'
import { getStats } from '../answers/stats'

const DIMENSIONS = CARD_NAMES.flatMap(tabsOf)
  .flatMap(([, dimensions]) => dimensions)
  .filter((dimension) => dimension !== 'prop')
const SUGGESTIONS = 8
const TYPING_MS = 150

/** Add a filter, or change the one that the menu was opened for. */
export const FilterEditor = ({ menu }: { menu: OpenMenu }) => {
  const edited = menu.filter
  const { filters, prop } = useUrlState()
  const [dimension, setDimension] = useState(edited?.dimension ?? 'page')
  const [operator, setOperator] = useState<Operator>(edited?.operator ?? '==')
  const [text, setText] = useState(edited?.values.join('\n') ?? '')
  const field = useRef<HTMLTextAreaElement>(null)
  const offered = new Set([...DIMENSIONS, ...(prop ? [`prop:${prop}`] : []), dimension])

  const apply = (event: Event) => {
    event.preventDefault()
    const values = valuesOf(text, operator)
    if (values.length === 0) return field.current?.focus()
    const others = edited ? removeFilter(filters, edited) : filters
    closeMenu()
    navigate({ filters: addFilter(others, { dimension, operator, values }) })
  }
  const choose = (value: FilterValue) => {
    setText([...text.split('\n').slice(0, -1), String(value ?? '')].join('\n'))
    field.current?.focus()
  }

  return (
    <Popover menu={menu} label={t('addFilter')} class="filter-menu">
      <form onSubmit={apply}>
        <div class="fields">
          <Select
            name={t('dimension')}
            value={dimension}
            options={[...offered].map((name) => [name, dimensionName(name)])}
            onChange={(name) => {
              setDimension(name)
              setText('')
            }}
          />
          <Select
            name={t('operator')}
            value={operator}
            options={OPERATORS.map((name) => [name, label('operators', name)])}
            onChange={setOperator}
          />
        </div>
        <label class="field">
          {t('value')}
          <textarea
            ref={field}
            rows={2}
            autoFocus
            spellcheck={false}
            autocomplete="off"
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && !event.shiftKey) apply(event)
            }}
          />
          <small>{t('valueHelp')}</small>
        </label>
        <Suggestions dimension={dimension} search={lastLine(text)} onChoose={choose} />
        <button class="main-button">{t('apply')}</button>
      </form>
    </Popover>
  )
}

/** One value a line. An empty one means "none", which nothing can contain. */
const valuesOf = (text: string, operator: Operator): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line || operator === '==' || operator === '!=')

const lastLine = (text: string): string => text.split('\n').at(-1)?.trim() ?? ''

interface SelectProps<T extends string> {
  name: string
  value: T
  options: [T, string][]
  onChange: (value: T) => void
}

const Select = <T extends string>({ name, value, options, onChange }: SelectProps<T>) => (
  <label class="field">
    {name}
    <select value={value} onChange={(event) => onChange(event.currentTarget.value as T)}>
      {options.map(([option, text]) => (
        <option key={option} value={option}>
          {text}
        </option>
      ))}
    </select>
  </label>
)

interface SuggestionsProps {
  dimension: string
  search: string
  onChoose: (value: FilterValue) => void
}

/** The most frequent values that contain what is typed. */
const Suggestions = ({ dimension, search, onChoose }: SuggestionsProps) => {
  const [values, setValues] = useState<FilterValue[]>([])
  useEffect(() => {
    let isCurrent = true
    const timer = setTimeout(async () => {
      const found = await findValues(dimension, search)
      if (isCurrent) setValues(found)
    }, TYPING_MS)
    return () => {
      isCurrent = false
      clearTimeout(timer)
    }
  }, [dimension, search])
  return (
    <div class="values">
      {values.map((value) => (
        <button
          key={String(value)}
          type="button"
          class="menu-item"
          onClick={() => onChoose(value)}
        >
          {valueName(dimension, value)}
        </button>
      ))}
    </div>
  )
}

const findValues = async (dimension: string, search: string): Promise<FilterValue[]> => {
  const query = { search, limit: SUGGESTIONS, filters: '' }
  const answer = await getStats(dimension, query).catch(() => null)
  return answer?.breakdowns[dimension]?.rows.map((row) => row.value) ?? []
}
