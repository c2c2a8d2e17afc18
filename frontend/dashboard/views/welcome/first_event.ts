// Waiting for the first event of a site, or of any site if there is none yet.

import { get } from '../../api/client'
import { navigate } from '../../state/navigation'

const POLL_MS = 5_000
const READING_MS = 1_200 // for the news, before the dashboard opens

/** `counted`: events came before the page was opened. `arrived`: the first one came since. */
export type FirstEvent = 'awaited' | 'counted' | 'arrived'

/** Look every five seconds, while the page is seen; returns a function that ends this. */
export const watchForFirstEvent = (
  site: string,
  onChange: (firstEvent: FirstEvent) => void,
): (() => void) => {
  let timer = 0
  let isStopped = false

  const look = async (isFirstLook: boolean): Promise<void> => {
    const isSeen = isFirstLook || !document.hidden
    const found = isSeen ? await findSiteWithEvents(site) : null
    if (isStopped) return
    if (!found) {
      timer = window.setTimeout(() => void look(false), POLL_MS)
    } else if (isFirstLook && site) {
      onChange('counted')
    } else {
      onChange('arrived')
      timer = window.setTimeout(() => openDashboard(found, site), READING_MS)
    }
  }

  void look(true)
  return () => {
    isStopped = true
    clearTimeout(timer)
  }
}

/** The site, once it has events; without one, the first that there is. Null for not yet. */
const findSiteWithEvents = async (site: string): Promise<string | null> => {
  try {
    if (!site) return (await get('sites')).sites[0] ?? null
    return (await get('realtime', { site })).pageviews > 0 ? site : null
  } catch {
    return null
  }
}

const openDashboard = (found: string, site: string): void => {
  navigate({ site: found, view: 'realtime' }, { replace: true })
  // The list of sites was loaded when there were none.
  if (!site) location.reload()
}
