// The values that options of the tag change. tracker_more.js gives others.

import type { Adapt, Clean, OptionValues, Pattern } from '../tracker_event'

const MAX_URL = 2e3

/** Give a URL as it may be sent. What follows the # is the page's own, and can hold tokens. */
export let clean: Clean = (url) => (url + '').split('#')[0]!.slice(0, MAX_URL)

export let downloads: Pattern = /\.(pdf|(doc|xls|ppt)x|csv|zip|gz|dmg|exe|apk|mp[34])$/i

/** Give an event as it is to be sent, or nothing if it is not counted. */
export let adapt: Adapt = (event, exclusion) => !exclusion && event

export let endpoint = new URL('events', script.src)
export let isManual: boolean | undefined // counts no page views by itself
export let isStateless: boolean | undefined // stores nothing in the browser
export let json: (value: unknown) => string = JSON.stringify

export const setOptions = (options: OptionValues): unknown =>
  ([adapt, clean, downloads, endpoint, isManual, isStateless, json] = options)
