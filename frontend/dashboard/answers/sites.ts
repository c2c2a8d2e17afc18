// The sites that the token may read, and which of them is shown first.

import { ApiError, get } from '../api/client'
import { getSetting } from '../api/browser_storage'
import { navigate, urlState } from '../state/navigation'
import { dismiss, showError } from '../state/notices'
import { requireSignIn } from '../state/sign_in'
import { createStore } from '../state/store'

export const siteNames = createStore<string[]>([])

/**
 * Load the sites. If the URL names none, go to the one shown last, or else to the first; a new
 * installation without any site gets the instructions. Resolves to whether it worked. An error
 * is shown in the reader's language, so it waits for `language`.
 */
export const loadSites = async (language = Promise.resolve()): Promise<boolean> => {
  try {
    const { sites } = await get('sites')
    siteNames.set(sites)
  } catch (error) {
    await language
    if (error instanceof ApiError && error.status === 401) requireSignIn()
    else showError(error, { retry: () => location.reload() })
    return false
  }
  if (urlState().site) return true
  const sites = siteNames.get()
  const last = getSetting('site')
  const site = sites.find((name) => name === last) ?? sites[0]
  navigate(site ? { site } : { view: 'welcome' }, { replace: true })
  dismiss('stats')
  return true
}
