// Asking again for what the view shows, besides the live numbers.

import { refreshStats } from './stats'
import { urlState } from '../state/navigation'
import { createStore } from '../state/store'

/** Counts how often the view was asked to refresh; views that load by themselves follow it. */
export const refreshCount = createStore(0)

export const refreshView = (): void => {
  if (urlState().view === 'overview') void refreshStats({ force: true })
  else refreshCount.set(refreshCount.get() + 1)
}
