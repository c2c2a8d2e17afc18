// Whether the sheet of keyboard shortcuts is open.

import { createStore } from './store'

export const isShortcutsOpen = createStore(false)
export const openShortcuts = (): void => isShortcutsOpen.set(true)
export const closeShortcuts = (): void => isShortcutsOpen.set(false)
