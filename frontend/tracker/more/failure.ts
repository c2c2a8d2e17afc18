// An error of one of the tracker's functions.

import { warn } from './messages'
import { attempt } from './attempt'
import { json } from './safe_json'

export const tellError = (
  reason: { name?: string },
  [name, facts]: [name: string, facts?: { props?: EventProps }]
): void => {
  const props = facts?.props
  if (props && !attempt(json, props)) {
    warn('Left out what is not JSON.', reason)
    const copy: EventProps = {}
    for (const key in props) {
      attempt(() => (copy[key] = JSON.parse(json(props[key]))))
    }
    liveinsight(name, copy)
  } else if (reason instanceof SyntaxError) {
    warn('data-liveinsight-props is not JSON like {"plan": "pro"}.', reason)
  } else if (reason.name != 'SecurityError') {
    warn('Not counted:', reason)
  }
}
