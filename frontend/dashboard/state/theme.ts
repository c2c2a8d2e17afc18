// Light or dark: as the system has it, unless the reader chose one.

import { getSetting, keepSetting } from '../api/browser_storage'
import { createStore } from './store'

export const THEMES = ['auto', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

/** What the page shows; `auto` follows the system. */
export const shownTheme = createStore<Theme>('auto')

export const chosenTheme = (): Theme =>
  THEMES.find((theme) => theme === getSetting('theme')) ?? 'auto'

export const chooseTheme = (theme: Theme): void => {
  keepSetting('theme', theme === 'auto' ? null : theme)
  show(theme)
}

const show = (theme: Theme): void => {
  const { dataset } = document.documentElement
  if (theme === 'auto') delete dataset['theme']
  else dataset['theme'] = theme
  shownTheme.set(theme)
}

const systemIsDark = (): boolean => matchMedia('(prefers-color-scheme: dark)').matches

export const toggleTheme = (): void => {
  const isDark = chosenTheme() === 'auto' ? systemIsDark() : chosenTheme() === 'dark'
  chooseTheme(isDark ? 'light' : 'dark')
}

export const startTheme = (): void => {
  show(chosenTheme())
  // Paper is light, whatever the screen is.
  addEventListener('beforeprint', () => show('light'))
  addEventListener('afterprint', () => show(chosenTheme()))
}
