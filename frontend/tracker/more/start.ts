// How the tracker begins with the options of its tag.

import { hasPrivacySignal, isAutomated } from '../exclusions'
import { siteOf } from '../same_site'
import { print, warn } from './messages'
import { attempt } from './attempt'
import type { Clean, OptionValues, Pattern, TrackerEvent } from '../tracker_event'
import { json } from './safe_json'
import { match, routeOf } from './patterns'
import { options } from './tag_options'

/** The global functions of a page, among them that of data-before-send. */
type Page = Record<string, ((event: TrackerEvent) => TrackerEvent | null | undefined) | undefined>

const pathOf = (url: URL | Location): string =>
  'hash' in options ? routeOf(url.pathname + url.hash) : url.pathname

/** Give the reason why the visitor is not counted, unless the page allows it. */
const reasonOf = (isOptedOut: unknown): string | false =>
  isOptedOut
    ? 'opted out'
    : hasPrivacySignal()
      ? 'privacy signal'
      : isAutomated()
        ? 'automated'
        : !('local' in options) && 'local'

const adapt = (event: TrackerEvent, exclusion: unknown, address: URL): TrackerEvent | void => {
  const type = event.event_type
  const path = pathOf(address)
  let reason =
    exclusion && reasonOf(exclusion === 1 || attempt(() => localStorage.liveinsight))
  if (
    !reason &&
    (match(options.off, type) ||
      match(options.exclude, path) ||
      !match(options.include || '**', path))
  ) {
    reason = 'data-off, -exclude or -include'
  }
  if (!reason && options.beforeSend) {
    if (!(window as unknown as Page)[options.beforeSend]?.call) {
      return warn('Nothing is sent: data-before-send is not a global function.')
    }
    event = (window as unknown as Page)[options.beforeSend]!(event) as TrackerEvent
    if (!event) reason = 'data-before-send'
  }
  if (!reason) return event
  print('Not counted:', type, reason)
}

// Count the views of an app that routes by the part after the #.
let shownPath: string | 0 | undefined
const countHash = (event?: { navigationType?: string }): void => {
  const path = pathOf(location)
  if (path == shownPath) return
  shownPath = path
  liveinsight.page('', event?.navigationType == 'replace')
}

const begin = (): void => {
  if (options.userId) liveinsight.identify(options.userId)
  if ('hash' in options && !('manual' in options)) {
    countHash()
    if (window.navigation) {
      navigation.addEventListener('currententrychange', countHash as EventListener)
    } else setInterval(countHash, 250)
    addEventListener('pageshow', (event) => {
      if (event.persisted) setTimeout(() => countHash((shownPath = 0) as never))
    })
  }
}

export const start = (
  script: HTMLScriptElement,
  run: (begin: () => void) => void,
  setOptions: (values: OptionValues) => unknown,
  plain: Clean,
  downloads: Pattern
): void => {
  const target = attempt(() => new URL(options.endpoint || 'events', script.src))
  if (!target) return warn('Nothing is sent: data-endpoint is not a URL.')

  // Put the pages of this site under its name, with their paths masked.
  const clean = (href: string | URL): string => {
    const url = attempt(() => new URL(href)) as URL // or undefined
    if (siteOf(url) != siteOf(location)) return plain(href)
    const path = pathOf(url)
    return plain(
      new URL(
        (options.site ? 'https://' + options.site : url.origin) +
          (match(options.mask, path) || path) +
          url.search
      )
    )
  }

  if ('notFound' in options) liveinsight('not_found') // waits until the page view is counted
  setOptions([
    adapt,
    clean,
    options.downloads
      ? { test: (path) => match(options.downloads, path.split('.').pop()!) }
      : downloads,
    target,
    'manual' in options || 'hash' in options,
    'noStorage' in options,
    json
  ])
  run(begin)
}
