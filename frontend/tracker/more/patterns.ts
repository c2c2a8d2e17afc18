// Patterns in options: `*` stands for one segment of a path, `**` for any rest.

import { attempt } from './attempt'

const decode = (text: string): string => attempt(decodeURI, text) || text

/** Find the first of some patterns that fits. */
export const match = (patterns: string | undefined, text: string): string | undefined =>
  patterns?.split(/[\s,]+/).find((pattern) => {
    const source = decode(pattern).replace(/\*+|\W/g, (part) =>
      part == '*' ? '[^/]*' : part[1] ? '.*' : '\\' + part
    )
    return RegExp('^' + source + '$', 'i').test(decode(text))
  })

/** Give the path that a path with a # stands for in an app that routes by what follows it. */
export const routeOf = (path: string): string => path.replace(/\/?#\/?/, '/').split('?')[0]!
