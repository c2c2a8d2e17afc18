// What dimensions and their values are called: "Country", "Germany", "Direct / none".

import { cached } from '../i18n/locale'
import { label, t } from '../i18n/translate'
import { isProperty, type Tab } from '../query/dimensions'
import type { FilterValue } from '../query/filter_syntax'
import { decodePercent } from '../query/percent_encoding'
import { escapeBidi } from './safe_text'
import { hourName, weekdays } from './times'

/** A dimension when one of its values is meant. */
export const dimensionName = (dimension: string): string =>
  isProperty(dimension)
    ? t('property', { name: dimension.slice('prop:'.length) })
    : label('dimensions', dimension)

/** A dimension as the title of the list of its values. */
export const listName = (dimension: string): string =>
  isProperty(dimension) ? dimensionName(dimension) : label('dimensionLists', dimension)

/** The title of a card's tab. */
export const tabName = (tab: Tab): string =>
  tab === 'campaign' || tab === 'prop' ? label('tabs', tab) : listName(tab)

/** A list that was cut ends in a row of all others; elsewhere "(other)" is a value like any. */
export const isOtherRow = (
  value: FilterValue,
  dimension: string,
  truncated: readonly string[],
): boolean => value === '(other)' && truncated.includes(dimension)

/** The name of a row; `truncated` are the dimensions whose lists are cut. */
export const rowName = (
  dimension: string,
  value: FilterValue,
  truncated: readonly string[],
): string =>
  isOtherRow(value, dimension, truncated) ? t('otherRows') : valueName(dimension, value)

/** The path or URL of a page. */
export const pageName = (page: string | null | undefined): string =>
  page ? escapeBidi(decodePercent(page)) : '–'

/** The value of a property; it may hold a URL, as those of the tracker's own events do. */
export const propertyValue = (value: string | number | boolean): string => {
  const text = String(value)
  return escapeBidi(/^https?:/i.test(text) ? decodePercent(text) : text)
}

/** A value as people call it. */
export const valueName = (dimension: string, value: FilterValue | undefined): string => {
  if (value === null || value === undefined || value === '') return noValueName(dimension)
  const text = escapeBidi(String(value))
  if (isProperty(dimension)) return propertyValue(String(value))
  if (dimension === 'page' || dimension.endsWith('_page')) return pageName(String(value))
  if (dimension === 'referrer') return referrerName(text)
  if (dimension === 'country') return displayName('region', text)
  if (dimension === 'language') return displayName('language', text)
  if (dimension === 'region') return regionName(text)
  if (dimension === 'hour_of_week') return hourOfWeekName(Number(value))
  if (dimension === 'channel') return label('channels', text)
  if (dimension === 'device') return label('deviceTypes', text)
  return text
}

const noValueName = (dimension: string): string => {
  if (dimension.startsWith('utm_')) return t('notSet')
  return dimension === 'source' || dimension === 'referrer' ? t('direct') : t('unknown')
}

const referrerName = (url: string): string =>
  pageName(url.replace(/^https?:\/\/(www\.)?/, '').replace(/\/$/, '') || url)

const regionName = (code: string): string => {
  const [country = '', part] = code.split('-')
  return part ? `${part}, ${displayName('region', country)}` : code
}

const hourOfWeekName = (hour: number): string =>
  `${weekdays()[Math.floor(hour / 24)] ?? ''} ${hourName(hour % 24)}`

const displayName = (type: 'region' | 'language', code: string): string => {
  const options: Intl.DisplayNamesOptions = { type, languageDisplay: 'standard' }
  try {
    const names = cached('display', options, (locale) => new Intl.DisplayNames(locale, options))
    return names.of(code) ?? code
  } catch {
    return code
  }
}

/** The flag of a country: the two letters of its code, as the characters that become one. */
export const flag = (code: string | null | undefined): string =>
  /^[A-Z]{2}$/.test(code ?? '')
    ? String.fromCodePoint(...[...(code ?? '')].map((letter) => 0x1f1a5 + letter.charCodeAt(0)))
    : ''
