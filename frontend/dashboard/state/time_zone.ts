// The zone of all times on the page: the one in the URL, or else the site's, which answers name.

import { getSetting, keepSetting } from '../api/browser_storage'
import { setZone } from '../format/times'
import { onUrlStateChange, urlState, useUrlState } from './navigation'
import { createStore, useStore } from './store'

// Remembered, so that the next visit shows the right dates before the first answer.
const siteZone = createStore(getSetting('zone'))

let resolveKnown: () => void
/** Resolves when an answer has named the zone of the site, or has failed to. */
export const whenZoneIsKnown = new Promise<void>((resolve) => (resolveKnown = resolve))

export const currentZone = (): string | null => urlState().timezone || siteZone.get()
export const useSiteZone = (): string | null => useStore(siteZone)
export const useCurrentZone = (): string | null => {
  const site = useSiteZone()
  return useUrlState().timezone || site
}

/** An answer has named the site's zone; null if the answer failed. */
export const learnSiteZone = (name: string | null): void => {
  if (name) {
    keepSetting('zone', name)
    siteZone.set(name)
    setZone(currentZone())
  }
  resolveKnown()
}

export const startTimeZone = (): void => {
  setZone(currentZone())
  onUrlStateChange(() => setZone(currentZone()))
}
