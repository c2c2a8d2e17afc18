// Keyboard shortcuts: one key each, off by a switch in the sheet that lists them.

import { getSetting } from './api/browser_storage'
import { COMPARISONS, METRICS, type NamedPeriod, type Period, type View } from './query/dimensions'
import { navigate, urlState } from './state/navigation'
import { openMenu, openMenuByName } from './state/open_menu'
import { createStore } from './state/store'
import { refreshLive } from './answers/live'
import { refreshView } from './answers/refresh'
import { toggleTheme } from './state/theme'

export const PERIOD_KEYS: Partial<Record<Period, string>> = {
  today: 'D',
  yesterday: 'E',
  '24h': 'H',
  '7d': 'W',
  '28d': 'F',
  '30d': 'T',
  '91d': 'N',
  month: 'M',
  '12mo': 'L',
  year: 'Y',
  all: 'A',
  custom: 'C',
}
export const VIEW_KEYS: Record<string, View> = { O: 'overview', R: 'realtime', S: 'sessions' }

export const isShortcutsOpen = createStore(false)
export const openShortcuts = (): void => isShortcutsOpen.set(true)
export const closeShortcuts = (): void => isShortcutsOpen.set(false)

export const startShortcuts = (): void => document.addEventListener('keydown', onKeyDown)

export const areShortcutsOn = (): boolean => getSetting('shortcuts') !== 'off'

const onKeyDown = (event: KeyboardEvent): void => {
  if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return
  const target = event.target instanceof Element ? event.target : null
  const field = target?.closest('input, textarea, select, [contenteditable]')
  // For a moment after it was closed, a field of a dialog still has the focus.
  const isTyping = field?.checkVisibility() ?? false
  const isOpen = openMenu.get() !== null || document.querySelector('dialog[open]') !== null
  if (event.key === 'Escape' && !isOpen && !isTyping && urlState().filters)
    return navigate({ filters: '' })
  if (isTyping || !areShortcutsOn()) return
  if (event.key === '/' && focusSearch()) return event.preventDefault()
  if (isOpen) return
  const action = actionOf(event.key)
  if (!action) return
  event.preventDefault()
  action()
}

const actionOf = (pressed: string): (() => void) | undefined => {
  const key = pressed.length === 1 ? pressed.toUpperCase() : pressed
  const period = Object.entries(PERIOD_KEYS).find(([, periodKey]) => periodKey === key)?.[0]
  if (period === 'custom') return () => openMenuByName('period', { focusDates: true })
  if (period) return () => showPeriod(period as NamedPeriod)
  const view = VIEW_KEYS[key]
  if (view) return () => navigate({ view, session: '' })
  return ACTIONS[key]
}

const ACTIONS: Record<string, () => void> = {
  ArrowLeft: () => pressArrow('first'),
  ArrowRight: () => pressArrow('last'),
  '[': () => pressArrow('first'),
  ']': () => pressArrow('last'),
  X: () => navigate({ compare: after(COMPARISONS, urlState().compare) }),
  V: () => navigate({ metric: after(METRICS, urlState().metric) }),
  G: () => navigate({ table: urlState().table ? '' : '1' }, { replace: true }),
  I: () => openMenuByName('filter'),
  K: () => document.getElementById('site')?.focus(),
  U: () => {
    refreshLive()
    refreshView()
  },
  P: toggleTheme,
  '?': openShortcuts,
}

const showPeriod = (period: NamedPeriod): void => {
  const { view } = urlState()
  const shown = view === 'realtime' ? 'overview' : view
  navigate({ period, from: '', to: '', interval: '', view: shown })
}

const pressArrow = (place: 'first' | 'last'): void =>
  document.querySelector<HTMLElement>(`#choices .arrow:${place}-child`)?.click()

const after = <T>(list: readonly T[], item: T): T =>
  list[(list.indexOf(item) + 1) % list.length] ?? item

/** Go to the search of the open list; without one, open that of the pages. */
const focusSearch = (): boolean => {
  const dialog = document.querySelector('dialog[open]')
  const search = dialog?.querySelector<HTMLElement>('input[type="search"]')
  if (dialog && !search) return false
  if (search) search.focus()
  else navigate({ all: urlState().pages })
  return true
}
