// Where the reader is: the state in the URL, and going to another one.

import { DEFAULTS, formatUrlState, parseUrlState, type UrlState } from '../query/url_state'
import { createStore, useStore } from './store'

const current = createStore<UrlState>(DEFAULTS)

/** The state that the page shows. In a component, use `useUrlState`. */
export const urlState = (): UrlState => current.get()
export const useUrlState = (): UrlState => useStore(current)
/** Call the listener with the new and the old state at each change, Back and Forward included. */
export const onUrlStateChange = current.subscribe

/** The address of this page in another state. */
export const addressOf = (changes: Partial<UrlState>): string => {
  const query = formatUrlState({ ...current.get(), ...changes })
  return query ? `?${query}` : location.pathname
}

/**
 * Go to another state. `replace` leaves no step to go back to, for what is not a view of its own.
 */
export const navigate = (changes: Partial<UrlState>, { replace = false } = {}): void => {
  const address = addressOf(changes)
  const before = current.get()
  const next = { ...before, ...changes }
  if (replace) history.replaceState(null, '', address)
  else if (formatUrlState(before) !== formatUrlState(next)) history.pushState(null, '', address)
  current.set(next)
  if (next.view !== before.view) scrollTo(0, 0) // a view begins at its top
}

export const startNavigation = (): void => {
  current.set(parseUrlState(location.search))
  addEventListener('popstate', () => current.set(parseUrlState(location.search)))
}
