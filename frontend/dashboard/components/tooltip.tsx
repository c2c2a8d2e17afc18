// One tooltip for the whole page: shown on hover and focus, gone on Escape. Its text has to be in
// the element's label or description too, for readers who do not see it.

import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { createStore, useStore } from '../state/store'

interface Tip {
  target: Element
  content: ComponentChildren
}

const tip = createStore<Tip | null>(null)
const MARGIN = 8

const hide = (): void => tip.set(null)

/** Attributes that give an element a tooltip; `content` is asked for when it is shown. */
export const tooltip = (content: () => ComponentChildren) => ({
  onMouseEnter: ({ currentTarget }: { currentTarget: Element }) => show(currentTarget, content()),
  onFocus: ({ currentTarget }: { currentTarget: Element }) => {
    if (currentTarget.matches(':focus-visible')) show(currentTarget, content())
  },
  onMouseLeave: hide,
  onBlur: hide,
})

const show = (target: Element, content: ComponentChildren): void => tip.set({ target, content })

/** Where the tooltip is shown; the page has it once. */
export const TooltipHost = () => {
  const shown = useStore(tip)
  const bubble = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => event.key === 'Escape' && hide()
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [])
  useLayoutEffect(() => {
    if (!bubble.current || !shown) return
    bubble.current.showPopover()
    place(bubble.current, shown.target.getBoundingClientRect())
  }, [shown])
  if (!shown) return null
  return (
    <div class="tip" popover="manual" aria-hidden="true" ref={bubble}>
      {shown.content}
    </div>
  )
}

/** Above the target if there is room, else below it; never beyond the window. */
const place = (bubble: HTMLElement, target: DOMRect): void => {
  const left = target.left + target.width / 2 - bubble.offsetWidth / 2
  const maxLeft = document.documentElement.clientWidth - bubble.offsetWidth - MARGIN
  const above = target.top - bubble.offsetHeight - MARGIN
  bubble.style.left = `${Math.max(MARGIN, Math.min(left, maxLeft))}px`
  bubble.style.top = `${above > MARGIN ? above : target.bottom + MARGIN}px`
}
