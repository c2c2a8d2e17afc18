// What the collector answered.

import type { QueueEntry } from '../tracker_event'
import { attempt } from './attempt'
import { print, warn } from './messages'
import { json } from './safe_json'

interface CollectorAnswer {
  results?: { status: string; message?: string }[]
}

export const tellAnswer = (answer: Response, text: string, sent: QueueEntry[]): void => {
  const body: CollectorAnswer = attempt(JSON.parse, text) || {}
  const status: string | number = answer.status
  if (/^4/.test(status)) {
    warn('Collector answered ' + status, text)
  }
  const rejected = sent.filter(([, event], index) => {
    const { status: outcome, message } = (body.results?.[index] || { status }) as {
      status: string | number
      message: string
    }
    const type = event.event_type
    print(type, outcome, message || '', event)
    // What visitors ask for, and reports of a session that is over, are no fault of the site.
    if (/invalid|dropped/.test(outcome) && !event.scroll_depth && !/opted_out/.test(message)) {
      warn(message, event)
    }
    return /^user_id/.test(message)
  })
  // A user id that the collector rejects is left out, unless there is another by now.
  if (rejected[0]) {
    const user = rejected[0][1].user_id
    if (attempt(() => sessionStorage.liveinsight.endsWith(json(user) + ']'))) {
      liveinsight.identify()
    }
    const again = json(
      rejected.map(([at, event]) => ({ ...event, user_id: null, age: Date.now() - at }))
    )
    fetch(answer.url, { method: 'POST', body: again })
  }
}
