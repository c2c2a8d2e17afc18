// What the tracker has to say in the browser's console. One warning of each kind says what is
// wrong and what to do. With data-debug, or with ?liveinsight_debug in the page's URL, each event
// is printed as well, and what became of it.

import { options } from './tag_options'

const warned: Record<string, unknown> = {}
const isAsked = /liveinsight_debug/.test(location)

export const print = (...facts: unknown[]): void => {
  if (isAsked || 'debug' in options) console.log('liveinsight:', ...facts)
}

export const warn = (text: string, ...facts: unknown[]): void => {
  if (!warned[text]) console.warn('liveinsight:', text, ...facts)
  warned[text] = 1
}
