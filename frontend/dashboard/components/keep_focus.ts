// Keep the focus in a list whose rows move: moving an element in the document takes it away.

import type { RefObject } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

/** If the focused row is gone, `fallback` gets the focus. */
export const useKeptFocus = (
  list: RefObject<HTMLElement | null>,
  fallback: () => HTMLElement | null | undefined,
): void => {
  const focused = useRef<Element | null>(null)
  const active = document.activeElement
  focused.current = active && list.current?.contains(active) ? active : null
  useLayoutEffect(() => {
    const before = focused.current
    if (!(before instanceof HTMLElement) || before === document.activeElement) return
    if (before.isConnected) before.focus({ preventScroll: true })
    else fallback()?.focus()
  })
}
