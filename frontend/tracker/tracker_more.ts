// What most pages do not need of the tracker: what the options of its tag mean, and what it has to
// say to the owner of the site. tracker.js loads this file for a tag with options, before anything
// is counted, and when something is wrong. Every byte counts, as in tracker.ts.

import { tellError } from './more/failure'
import { tellAnswer } from './more/answer'
import { readOptions } from './more/tag_options'
import { start } from './more/start'
import type { Message } from './tracker_event'

/** Any first fact of a message: a function, an answer or an error. */
interface First {
  call?: unknown
  status?: unknown
}

/** Take what the tracker passes: how to begin, the answer to a request, or an error. */
export const use: (script: HTMLScriptElement, ...message: Message) => void = (
  script,
  what,
  ...facts
) => {
  readOptions(script.dataset)
  if ((what as First).call) (start as Taker)(script, what, ...facts)
  else if ((what as First).status) (tellAnswer as Taker)(what, ...facts)
  else (tellError as Taker)(what, ...facts)
}

type Taker = (...facts: unknown[]) => void
