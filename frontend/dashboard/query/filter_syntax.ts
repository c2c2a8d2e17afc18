// Filters in a URL: `dimension==value|value;dimension!~part`. A backslash before ; | or \ keeps it.

import { decodePercent } from './percent_encoding'

export const OPERATORS = ['==', '!=', '=~', '!~'] as const
export type Operator = (typeof OPERATORS)[number]

export interface Filter {
  dimension: string
  operator: Operator
  values: string[]
}

const FILTER = /^([a-z_]+|prop:(?:\\.|[^\\])+?)(==|!=|=~|!~)(.*)$/s

/** Read filters; what is not a filter is left out. */
export const parseFilters = (text: string): Filter[] =>
  splitUnescaped(text, ';').flatMap((part) => {
    const [, dimension, operator, values] = FILTER.exec(part) ?? []
    if (dimension === undefined || values === undefined) return []
    return [
      {
        dimension: unescape(dimension),
        operator: operator as Operator,
        values: values === '' ? [''] : splitUnescaped(values, '|').map(unescape),
      },
    ]
  })

export const formatFilters = (filters: Filter[]): string =>
  filters
    .map(
      ({ dimension, operator, values }) =>
        dimension.replace(/[\\;|=!~]/g, '\\$&') + operator + values.map(escape).join('|'),
    )
    .join(';')

/** Whether the filters ask for exactly this value. Null stands for "none", written as ''. */
export const isFilteredBy = (text: string, dimension: string, value: FilterValue): boolean =>
  parseFilters(text).some(
    (filter) =>
      filter.dimension === dimension &&
      filter.operator === '==' &&
      filter.values.some((wanted) => decodePercent(wanted) === decodePercent(asText(value))),
  )

/** Filter by this value, or stop filtering by it. */
export const toggleFilter = (text: string, dimension: string, value: FilterValue): string => {
  const others = parseFilters(text).filter(
    (filter) => filter.dimension !== dimension || filter.operator !== '==',
  )
  if (isFilteredBy(text, dimension, value)) return formatFilters(others)
  return formatFilters([...others, { dimension, operator: '==', values: [asText(value)] }])
}

export const addFilter = (text: string, filter: Filter): string =>
  formatFilters([...parseFilters(text), filter])

export const removeFilter = (text: string, filter: Filter): string =>
  formatFilters(
    parseFilters(text).filter((other) => formatFilters([other]) !== formatFilters([filter])),
  )

export type FilterValue = string | number | null
const asText = (value: FilterValue): string => String(value ?? '')

const escape = (value: string): string => value.replace(/[\\;|]/g, '\\$&')
const unescape = (value: string): string => value.replace(/\\(.)/gs, '$1')

const splitUnescaped = (text: string, separator: string): string[] => {
  if (!text) return []
  const parts: string[] = []
  let part = ''
  for (let at = 0; at < text.length; at += 1) {
    const letter = text.charAt(at)
    if (letter === '\\') {
      at += 1
      part += letter + text.charAt(at)
    } else if (letter === separator) {
      parts.push(part)
      part = ''
    } else part += letter
  }
  return [...parts, part]
}
