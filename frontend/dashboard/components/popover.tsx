// A menu below its button. Escape and a click elsewhere close it, and focus goes back.

import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { openMenu, type OpenMenu } from '../state/open_menu'

interface PopoverProps {
  menu: OpenMenu
  label: string
  class?: string
  children: ComponentChildren
}

// What has the focus when it opens: the field that says so, else the choice that is made, else the first.
const FIRST = ['[autofocus]', '[aria-current], [aria-checked="true"]', 'button, input, select']

export const closeMenu = (): void => openMenu.set(null)

export const Popover = ({ menu, label, class: name = '', children }: PopoverProps) => {
  const element = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const shown = element.current
    if (!shown) return
    shown.showPopover()
    placeBelow(shown, menu.button)
    const first = FIRST.map((selector) => shown.querySelector<HTMLElement>(selector))
    first.find((element) => element !== null)?.focus()
    // Before it is removed, so that focus goes back to where it was.
    return () => shown.hidePopover()
  }, [])
  return (
    <div
      class={`menu ${name}`}
      popover="auto"
      role="dialog"
      aria-label={label}
      ref={element}
      onKeyDown={moveWithArrows}
      onToggle={(event) => {
        // By then another menu may be open.
        if (event.newState === 'closed' && openMenu.get() === menu) closeMenu()
      }}
    >
      {children}
    </div>
  )
}

const placeBelow = (menu: HTMLElement, button: HTMLElement): void => {
  const { left, bottom } = button.getBoundingClientRect()
  const maxLeft = document.documentElement.clientWidth - menu.offsetWidth - 8
  menu.style.left = `${Math.max(8, Math.min(left, maxLeft))}px`
  menu.style.top = `${bottom + 6}px`
}

const moveWithArrows = (event: KeyboardEvent & { currentTarget: HTMLElement }): void => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  const focused = document.activeElement
  if (!step || !(focused instanceof HTMLElement) || !focused.matches('.menu-item')) return
  event.preventDefault()
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('.menu-item')]
  items[(items.indexOf(focused) + step + items.length) % items.length]?.focus()
}

interface MenuItemProps {
  text: string
  onSelect: () => void
  isChosen?: boolean
  shortcut?: string | undefined
}

/** A line of a menu; choosing it closes the menu. */
export const MenuItem = ({ text, onSelect, isChosen = false, shortcut }: MenuItemProps) => (
  <button
    type="button"
    class="menu-item"
    aria-current={isChosen ? 'true' : undefined}
    onClick={() => {
      closeMenu()
      onSelect()
    }}
  >
    <span>{text}</span>
    {shortcut && <kbd aria-hidden="true">{shortcut}</kbd>}
  </button>
)
