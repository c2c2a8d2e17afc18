// The locale of all numbers, dates and names: the reader's language, in the reader's own region.

let currentLocale = 'en'

export const setLocale = (locale: string): void => {
  currentLocale = locale
}

// Intl objects are slow to make: keep each.
const made = new Map<string, unknown>()

/** An Intl object of this kind and these options, made once for each locale. */
export const cached = <T>(kind: string, options: object, make: (locale: string) => T): T => {
  const key = kind + currentLocale + JSON.stringify(options)
  if (!made.has(key)) made.set(key, make(currentLocale))
  return made.get(key) as T
}

export const pluralForm = (n: number): Intl.LDMLPluralRule =>
  cached('plural', {}, (locale) => new Intl.PluralRules(locale)).select(n)

const DIGITS: Intl.NumberFormatOptions = { maximumFractionDigits: 2 }

export const formatNumber = (value: number): string =>
  cached('number', DIGITS, (locale) => new Intl.NumberFormat(locale, DIGITS)).format(value)
