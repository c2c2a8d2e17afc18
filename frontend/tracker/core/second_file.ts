// tracker_more.js: what options mean, and what the tracker has to say to the owner of the site.

import type { Message } from '../tracker_event'

/** A tag with options, or a page with an old library that changes what JSON.stringify writes. */
export const needsSecondFile =
  Object.keys(script.dataset)[0] ||
  ([] as { toJSON?: unknown }).toJSON ||
  /liveinsight_debug/.test(location)

export const tellSecondFile = (...message: Message): unknown =>
  import(new URL('static/tracker_more.js', script.src) as unknown as string).then(
    (file: { use(script: HTMLScriptElement, ...message: Message): void }) =>
      file.use(script, ...message),
    console.warn
  )
