// A page view, and the engagement with its page: for how long that was visible and focused, and
// how far down it was seen.

import type { TrackerEvent } from '../tracker_event'
import { clean, isManual } from './options'
import { address, count, holdPageView, pendingView, setAddress } from './queue'
import { safely } from './safely'

export const TITLE_MS = 250 // Single-page apps set the title after the address.

let path: string | 0 | undefined // of the address bar when the page was counted
let currentView: TrackerEvent | void | 0
let engagementEvent: TrackerEvent | void | 0 // the last one of it
let reportedMs: number // what that said, in milliseconds; a percent of depth is worth a second
let engagedMs: number
let visibleSince: number | false // when the page last became visible and focused, or false
let maxScroll: number // percent of the page

/** Count the page view now that its title is known. */
export const commitPageView = (view = pendingView): void => {
  if (view && view == pendingView) {
    view.title = document.title
    currentView = count('page_view', view)
  }
}

export const measureEngagement = (): void => {
  const now = Date.now()
  engagedMs += (visibleSince && now - visibleSince) as number
  visibleSince = !document.hidden && document.hasFocus() && now
  if (!pendingView) {
    maxScroll = Math.min(
      100,
      Math.max(
        maxScroll,
        (((scrollY + innerHeight) / document.documentElement.scrollHeight) * 100 + 0.5) | 0
      )
    )
  }
}

/** Put the engagement with the page into the queue, in place of what was last said of it, and
 *  say whether there was any. */
export const reportEngagement = (): unknown => {
  commitPageView()
  measureEngagement()
  const reportable = engagedMs + maxScroll * 1000
  if (!currentView || !(reportable >= reportedMs + 1000)) return
  reportedMs = reportable
  return (engagementEvent = count(
    'engagement',
    { event_id: currentView.event_id, engaged_ms: engagedMs, scroll_depth: maxScroll },
    engagementEvent
  ))
}

/** Count a view of the page at the address, or of another path given. */
export const page = safely((other?: string | URL | 0, isRedirect?: boolean) => {
  if (!pendingView || !isRedirect) {
    reportEngagement()
    holdPageView(clean(path ? address : document.referrer))
    currentView = engagementEvent = reportedMs = engagedMs = maxScroll = 0
    setTimeout(commitPageView, TITLE_MS, pendingView)
  }
  setAddress(other)
  path = location.pathname
})

/** Count a view when the address bar shows another page than before. An address that is replaced
 *  before its view was counted was a redirect of the app, and no page. */
export const moved = safely((event?: { navigationType?: string }) => {
  if (!isManual && path != location.pathname) {
    page(0, event?.navigationType == 'replace')
  }
})

/** Count the page that the tag was read on, then the one that an app has shown since. */
export const countFirstPage = (): void => {
  if (!isManual) page(address)
  commitPageView()
  path = path && address.pathname
  moved()
}

/** Count a page that comes back from the back-forward cache. */
export const countAgain = (): void => {
  path = 0
  moved()
}
