// The tabs of a card. The arrow keys go from one to the next.

import { tabName } from '../format/names'
import { tabsOf, type Card, type Tab } from '../query/dimensions'
import { navigate } from '../state/navigation'

interface CardTabsProps {
  card: Card
  tabs: Tab[]
  chosen: Tab
}

export const CardTabs = ({ card, tabs, chosen }: CardTabsProps) => (
  <div
    class="tabs"
    role="tablist"
    aria-labelledby={`title-${card}`}
    onKeyDown={moveBetweenTabs}
  >
    {tabs.map((tab) => (
      <button
        key={tab}
        type="button"
        role="tab"
        id={`tab-${card}-${tab}`}
        aria-selected={tab === chosen}
        aria-controls={`rows-${card}`}
        tabIndex={tab === chosen ? 0 : -1}
        onClick={() => showTab(card, tab)}
      >
        {tabName(tab)}
      </button>
    ))}
  </div>
)

const showTab = (card: Card, tab: Tab): void => {
  const dimension = tabsOf(card).find(([name]) => name === tab)?.[1][0]
  if (dimension) navigate({ [card]: dimension }, { replace: true })
}

const moveBetweenTabs = (event: KeyboardEvent & { currentTarget: HTMLElement }): void => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
  if (!step) return
  event.preventDefault()
  event.stopPropagation()
  const tabs = [...event.currentTarget.querySelectorAll<HTMLElement>('[role="tab"]')]
  const at = tabs.findIndex((tab) => tab === document.activeElement)
  const next = tabs[(at + step + tabs.length) % tabs.length]
  next?.focus()
  next?.click()
}
