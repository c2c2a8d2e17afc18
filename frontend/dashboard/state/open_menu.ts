// Which menu is open, below which button. Only one can be.

import type { Filter } from '../query/filter_syntax'
import { createStore } from './store'

export type MenuName = 'filter' | 'period' | 'compare' | 'main'

export interface OpenMenu {
  name: MenuName
  button: HTMLElement
  filter?: Filter // that the editor changes; without one, it adds a filter
  focusDates?: boolean // go to the dates of the period menu
}

export const openMenu = createStore<OpenMenu | null>(null)

/** The buttons of the header, which shortcuts open menus below. */
export const MENU_BUTTONS: Record<MenuName, string> = {
  filter: 'filter-button',
  period: 'period-button',
  compare: 'compare-button',
  main: 'menu-button',
}

/** Open a menu below its button in the header. */
export const openMenuByName = (name: MenuName, options: Partial<OpenMenu> = {}): void => {
  const button = document.getElementById(MENU_BUTTONS[name])
  if (button) openMenu.set({ name, button, ...options })
}
