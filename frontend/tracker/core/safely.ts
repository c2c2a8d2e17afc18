// The page never sees the tracker fail.

import { tellSecondFile } from './second_file'

/** Calls until the page is seen: browsers load pages ahead, and in the background. */
export let waiting: (() => void)[] | 0 = []

export const stopWaiting = (): unknown => (waiting = 0)

/** Wrap a function: it waits until the page is seen for the first time, and never throws. */
export const safely =
  <Args extends unknown[], Result>(run: (...args: Args) => Result) =>
  (...args: Args): Result | void => {
    try {
      if (!waiting) return run(...args)
      waiting.push(() => safely(run)(...args))
    } catch (reason) {
      tellSecondFile(reason, args)
    }
  }

/** Listen before the page's own listeners can stop the event. */
export const on = <E extends Event>(types: string, run: (event: E) => void): unknown =>
  types.split(' ').map((type) => addEventListener(type, safely(run) as EventListener, true))
