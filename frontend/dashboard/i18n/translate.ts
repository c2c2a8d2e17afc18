// Texts in the reader's language: `t` for a sentence, `label` for a name out of a group of names.

import { ENGLISH } from './en'
import { formatNumber, pluralForm, setLocale } from './locale'

export type Language = 'en' | 'ko'
interface PluralText {
  one?: string
  other: string
}
type English = typeof ENGLISH
/** The shape of a translation: the keys of the English texts. */
export type Texts = {
  [Key in keyof English]: English[Key] extends string
    ? string
    : English[Key] extends { other: string; one: string }
      ? PluralText
      : { [Name in keyof English[Key]]: string }
}

/** The keys of sentences. */
type TextKey = {
  [Key in keyof English]: English[Key] extends string
    ? Key
    : English[Key] extends { other: string; one: string }
      ? Key
      : never
}[keyof English]
/** The keys of groups of names. */
type GroupKey = Exclude<keyof English, TextKey>

let texts: Texts = ENGLISH
let currentLanguage: Language = 'en'

export const language = (): Language => currentLanguage

/** The language to use: the chosen one, or else the first that the browser prefers and we have. */
export const preferredLanguage = (
  chosen: string | null,
  preferred: readonly string[],
): Language => {
  const known = [...(chosen ? [chosen] : []), ...preferred.map((name) => name.slice(0, 2))]
  return known.find((name): name is Language => name === 'en' || name === 'ko') ?? 'en'
}

/** Use the texts of a language, and the numbers and dates of the reader's own region of it. */
export const setLanguage = (
  name: Language,
  translation: Texts,
  preferred: readonly string[] = [],
): void => {
  texts = translation
  currentLanguage = name
  const region = preferred.find((locale) => locale.startsWith(`${name}-`))
  setLocale(region ?? (name === 'ko' ? 'ko-KR' : 'en'))
}

/** The sentence of a key, with its gaps filled in; `n` chooses between singular and plural. */
export const t = (key: TextKey, values: Record<string, string | number> = {}): string => {
  const text = texts[key]
  return fill(typeof text === 'string' ? text : pluralOf(text, Number(values['n'] ?? 0)), values)
}

const pluralOf = (text: PluralText, n: number): string =>
  (pluralForm(n) === 'one' ? text.one : undefined) ?? text.other

const fill = (text: string, values: Record<string, string | number>): string =>
  text.replace(/\{(\w+)\}/g, (gap, name: string) => {
    const value = values[name] ?? gap
    return typeof value === 'number' ? formatNumber(value) : value
  })

/** A name out of a group, with its gaps filled in; what the group does not name stays as it is. */
export const label = (
  group: GroupKey,
  name: string,
  values: Record<string, string | number> = {},
): string => {
  const names: Record<string, string> = texts[group]
  return fill((Object.hasOwn(names, name) ? names[name] : undefined) ?? name, values)
}
