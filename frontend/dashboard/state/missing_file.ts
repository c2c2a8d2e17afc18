// A page that stays open over an update imports files that the update deleted. The new page names
// the new ones.

import { withStorage } from '../api/browser_storage'

const KEY = 'liveinsight.reloaded'
const VERSION = import.meta.url // the name of this file has a hash

/**
 * Import a file. If that fails and the server answers, reload the page: once for each version and
 * tab, so that a file that is missing from the new page too ends in an error.
 */
export const importOrReload = async <T>(load: () => Promise<T>): Promise<T> => {
  try {
    return await load()
  } catch (error) {
    if (!(await isServed()) || !rememberReload()) throw error
    location.reload()
    return await new Promise(() => {})
  }
}

const isServed = async (): Promise<boolean> => {
  const request = fetch(location.pathname, { method: 'HEAD', cache: 'no-store' })
  return (await request.catch(() => null))?.ok ?? false
}

/** Whether this version has not been reloaded yet; false if the tab cannot remember it. */
const rememberReload = (): boolean =>
  withStorage('sessionStorage', (storage) => {
    if (storage.getItem(KEY) === VERSION) return false
    storage.setItem(KEY, VERSION)
    return true
  }) ?? false
