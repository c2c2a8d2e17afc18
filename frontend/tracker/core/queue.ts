// The queue keeps an event from when it happens until the collector has answered it: in
// sessionStorage, where that is allowed. It may send an event more than once; the event_id makes
// that harmless.

import type { QueueEntry, TrackerEvent } from '../tracker_event'
import { hasPrivacySignal, isAutomated, isLocal } from '../exclusions'
import { adapt, clean, endpoint, isStateless, json } from './options'
import { on, safely } from './safely'
import { needsSecondFile, tellSecondFile } from './second_file'

const MAX_EVENTS = 50
// Browsers and the collector reject a body above 65,536 bytes; a character has at most three.
const MAX_CHARACTERS = 2e4
const MAX_AGE_MS = 864e5
const MAX_BACKOFF_MS = 6e4

/** A page view before its title is known. */
interface PendingView {
  referrer: string
  title?: string
}

// These outlive the page.
let queue: QueueEntry[] = []
let retryAt = 0 // when the collector's Retry-After ends
let session: string | null | undefined
let user: string | null | undefined
let optedOut: unknown

let storage: Storage | undefined // where the browser keeps them, if anywhere
let batch: QueueEntry[] // the part of the queue that fits one request
export let unsent: unknown // whether the queue holds something that no beacon has carried
let resend: unknown // the timer that sends the queue next; true while a request is in progress
let backoff = 0 // milliseconds, longer with each failure
let nextPage: unknown // whether the tab goes on to a page of this site
export let pendingView: PendingView | 0 | undefined // waits for its title, and the queue with it
export let address = new URL(location as unknown as URL) // of the page that counts

/** Begin a page view. The queue waits for its title. */
export const holdPageView = (referrer: string): unknown => (pendingView = { referrer })

export const setAddress = (url?: string | URL | 0): unknown =>
  (address = new URL(url || (location as unknown as URL), location as unknown as URL))

/** Put an event into the queue, unless the visitor is not counted, in place of another that it
 *  replaces, and give what was kept. */
export const count = safely(
  (type: string, facts: Partial<TrackerEvent>, replaced?: TrackerEvent | void | 0) => {
    pendingView = 0 // Its page view comes before any other event, or is this one.
    const event = adapt(
      {
        event_type: type,
        event_id: Math.random() + '', // of 52 bits, to be unique in its session
        page_url: clean(address),
        screen: screen.width + 'x' + screen.height,
        timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        user_id: user,
        ...facts
      },
      optedOut || hasPrivacySignal() || isAutomated() || isLocal(),
      address
    )
    if (!event) return undefined
    // A copy: it stays as it was, and what JSON cannot hold fails here, not in the queue.
    unsent = JSON.parse(json(event)) as TrackerEvent
    queue = [...queue.filter((entry) => entry[1] != replaced), [Date.now(), unsent as TrackerEvent]]
    save()
    // Engagement travels with what comes next.
    if (!facts.event_id) sendLater()
    return unsent as TrackerEvent
  }
)

/** Drop from the queue what is too old or too much, keep it for the next page, and give the body
 *  of a request with the oldest events that fit. */
const save = (): string => {
  const now = Date.now()
  let body: string
  batch = queue = queue.filter((entry) => now - entry[0] < MAX_AGE_MS).slice(-MAX_EVENTS)
  while (
    (body = json(
      batch.map((entry) => ({ ...entry[1], age: now - entry[0], session_id: session }))
    ))[MAX_CHARACTERS]
  ) {
    batch = batch.slice(0, -1)
  }
  if (!batch[0]) queue.shift() // An event that is too large by itself.
  try {
    ;(storage as Storage).liveinsight = json([queue, retryAt, session, user])
  } catch {}
  return body
}

/** Send the queue, with all that is ready by then. */
export const sendLater = (): unknown =>
  (resend = resend || setTimeout(send, Math.max(backoff, retryAt - Date.now())))

/** Send the queue; what fails is sent again, each time later, and never before `retryAt`. */
const send = async (): Promise<void> => {
  const body = save()
  const sent = batch
  if (!(resend = sent[0])) return
  try {
    const answer = await fetch(endpoint, { method: 'POST', body })
    const text = await answer.text()
    if (needsSecondFile || !answer.ok || /dropped|invalid/.test(text)) {
      tellSecondFile(answer, text, sent)
    }
    retryAt = Date.now() + (answer.headers.get('Retry-After') as unknown as number) * 1000 || 0
    if (/^5|408|429/.test(answer.status)) throw 0
    queue = queue.filter((entry) => !sent.includes(entry))
    backoff = 0
    session = JSON.parse(text).session_id || session
  } catch {
    unsent = queue[0]
    backoff = Math.min(backoff * 2 + Math.random() * 1e3, MAX_BACKOFF_MS)
  }
  save()
  resend = 0
  if (!pendingView && unsent) sendLater()
}

/** The next page can send the queue, unless it is a file, or was there before and has read it.
 *  Where browsers do not say where they go, a beacon does. */
export const followTab = (): unknown =>
  on<PageSwapEvent>('pageswap', ({ activation }) => {
    nextPage =
      storage &&
      activation &&
      activation.navigationType != 'traverse' &&
      !/\.[^./h]+$/.test(activation.entry.url)
  })

/** Hand over what has no answer yet: to the next page if that is one of ours, else to a beacon. */
export const handOver = (): void => {
  unsent =
    unsent &&
    save() &&
    batch[0] &&
    (nextPage || Date.now() < retryAt || !navigator.sendBeacon(endpoint, save()))
}

/** Read what outlives the page. */
export const restore = safely(() => {
  optedOut = localStorage.liveinsight
  nextPage = 0
  if (isStateless) return
  storage = sessionStorage
  if (storage.liveinsight) [queue, retryAt, session, user] = JSON.parse(storage.liveinsight)
  unsent = queue[0]
})

/** Count nothing of this visitor any more, here or later, and forget what was not sent. */
export const optOut = (): void => {
  optedOut = 1
  queue = []
  save()
  localStorage.liveinsight = 1
}

/** Count this visitor again, from this page on. */
export const optIn = (countPage: () => void): void => {
  optedOut = 0
  countPage()
  localStorage.liveinsight = ''
}

/** Name the user of the events to come; after another user's comes a session of their own. An id
 *  that the collector rejects is taken back by tracker_more.js. */
export const setUser = (id?: string | null): void => {
  if (user && user != id) session = null
  user = id ? id + '' : null
  save()
}
