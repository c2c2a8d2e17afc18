// The tracker: tells LiveInsight what happens on a page, and loses and doubles nothing on the way.
//
// Installed by one script tag, whose data- attributes are the options: see
// docs/reference/tracker.md. tracker_more.js reads them, and warns the owner of the site; most
// pages never load it. Every byte counts here: benchmarks/budget.json has the limit.

import { clean, downloads, setOptions } from './core/options'
import { needsSecondFile, tellSecondFile } from './core/second_file'
import { onClick } from './core/clicks'
import { followTab, handOver, restore, sendLater, unsent } from './core/queue'
import {
  countAgain,
  countFirstPage,
  measureEngagement,
  moved,
  reportEngagement,
  TITLE_MS
} from './core/page_view'
import { on, stopWaiting, waiting } from './core/safely'
import { track } from './core/api'

const REPORT_MS = 12e5 // A session ends 30 minutes after its last event or report.

const flushOnExit = (): void => {
  reportEngagement()
  handOver()
}

/** Begin. `begin` is what the options add. */
const run = (begin?: () => void): void => {
  const calls = waiting as (() => void)[]
  stopWaiting()
  restore()
  begin?.()

  // Older browsers do not report each change of the address.
  if (window.navigation) navigation.addEventListener('currententrychange', moved as EventListener)
  else setInterval(moved, TITLE_MS)
  // A page is also seen when it comes back from the back-forward cache.
  on<PageTransitionEvent>('pageshow', (event) => {
    if (event.persisted) {
      restore()
      countAgain()
    }
  })
  followTab()
  on('pagehide', flushOnExit)
  on('focus blur scroll visibilitychange', () => {
    if (document.hidden) flushOnExit()
    else measureEngagement()
  })
  on('click auxclick submit focus', onClick)
  setInterval(() => reportEngagement() && sendLater(), REPORT_MS)

  countFirstPage()
  // What the page said before the tracker was there.
  early?.q?.map((args) => track(...args))
  calls.map((call) => call())
  // What the page before has handed over has to be sent, whether or not this one counts.
  if (unsent) sendLater()
}

/** Begin when the page is seen. One that was prerendered waits a moment longer: the page before
 *  hands over while this one is shown already. */
const start = (wasSeen: unknown): unknown =>
  document.hidden || !wasSeen
    ? setTimeout(start, TITLE_MS, !document.hidden)
    : needsSecondFile
      ? tellSecondFile(run, setOptions, clean, downloads)
      : run()

window.liveinsight = track
start(1)
