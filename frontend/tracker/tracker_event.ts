// What the files of the tracker pass on: events as the collector takes them, and options.

export interface TrackerEvent {
  event_type: string
  event_id: string
  page_url: string
  screen: string
  timezone: string
  user_id: string | null | undefined
  title?: string
  referrer?: string
  url?: string
  props?: EventProps | undefined
  engaged_ms?: number
  scroll_depth?: number
}

/** An event that the collector has not answered, and when it happened. */
export type QueueEntry = [at: number, event: TrackerEvent]

/** Give a URL as it may be sent. */
export type Clean = (url: string | URL) => string

/** Give an event as it is to be sent, or nothing if it is not counted. A true `exclusion` says
 *  that the visitor is not counted: 1 if the visitor has opted out on this page. */
export type Adapt = (
  event: TrackerEvent,
  exclusion: unknown,
  address: URL
) => TrackerEvent | false | null | void

export interface Pattern {
  test(path: string): unknown
}

/** What options of the tag can change. */
export type OptionValues = [
  adapt: Adapt,
  clean: Clean,
  downloads: Pattern,
  endpoint: URL,
  isManual: boolean,
  isStateless: boolean,
  json: (value: unknown) => string
]

/** What tracker.js passes to tracker_more.js: how to begin, an answer, or an error. */
export type Message =
  | [
      run: (begin?: () => void) => void,
      setOptions: (options: OptionValues) => unknown,
      clean: Clean,
      downloads: Pattern
    ]
  | [answer: Response, text: string, sent: QueueEntry[]]
  | [reason: unknown, args: unknown[]]
