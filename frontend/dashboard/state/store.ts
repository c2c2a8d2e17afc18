// A value that components share. A component that uses it renders again when it changes.

import { useLayoutEffect, useReducer } from 'preact/hooks'

type Listener<T> = (value: T, before: T) => void

interface Store<T> {
  get: () => T
  set: (value: T) => void
  /** Call the listener at each change; returns a function that ends this. */
  subscribe: (listener: Listener<T>) => () => void
}

export const createStore = <T>(initial: T): Store<T> => {
  let current = initial
  const listeners = new Set<Listener<T>>()
  return {
    get: () => current,
    set: (value) => {
      if (Object.is(value, current)) return
      const before = current
      current = value
      for (const listener of listeners) listener(value, before)
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

export const useStore = <T>(store: Store<T>): T => {
  const [, renderAgain] = useReducer((count: number) => count + 1, 0)
  const shown = store.get()
  useLayoutEffect(() => {
    // It may have changed between rendering and now.
    if (!Object.is(store.get(), shown)) renderAgain(undefined)
    return store.subscribe(() => renderAgain(undefined))
  }, [store])
  return shown
}
