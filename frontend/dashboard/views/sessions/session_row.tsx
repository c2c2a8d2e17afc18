// One session in a line: who, from where, doing what.

import type { ComponentChildren } from 'preact'
import type { Session } from '../../api/types'
import { Icon } from '../../components/icon'
import { CountryIcon, coloursOf, deviceIcon } from '../../components/value_icon'
import { pageName, valueName } from '../../format/names'
import { escapeBidi } from '../../format/safe_text'
import { formatAgo, formatMoment } from '../../format/times'
import { describeActivity, isActiveNow, sourceLabel } from './session_text'

interface SessionRowProps {
  session: Session
  onOpen: (sessionId: string) => void
}

export const SessionRow = ({ session, onOpen }: SessionRowProps) => {
  const page = pageName(session.current_page ?? session.exit_page ?? session.entry_page)
  const details = [...visitorParts(session), sourceLabel(session), ...describeActivity(session)]
  return (
    <button type="button" class="session-row" onClick={() => onOpen(session.session_id)}>
      <Avatar session={session} />
      <span>
        <span class="line">
          <span class="page" title={page}>
            {page}
          </span>
        </span>
        <span class="line muted">
          <span>
            <Parts parts={details} />
          </span>
        </span>
      </span>
      <span class="when">
        <span class={isActiveNow(session) ? 'dot on' : 'dot'} aria-hidden="true" />
        <span title={formatMoment(session.last_activity)}>{formatAgo(session.last_activity)}</span>
      </span>
    </button>
  )
}

/** The visitor's device in a circle of a color that the session keeps. */
export const Avatar = ({ session }: { session: Session }) => (
  <span class="avatar" aria-hidden="true" style={coloursOf(session.session_id)}>
    <Icon name={deviceIcon(session.device)} />
  </span>
)

/** The visitor's country, browser and operating system, as far as they are known. */
export const VisitorDescription = ({ session }: { session: Session }) => (
  <Parts parts={visitorParts(session)} />
)

const visitorParts = ({ country, browser, os, language }: Session): ComponentChildren[] => {
  const software = [browser, os].filter(Boolean).join(', ')
  const name = escapeBidi(software) || (language && valueName('language', language))
  const place = country && (
    <span class="country">
      <CountryIcon code={country} /> {valueName('country', country)}
    </span>
  )
  return [place, name].filter(Boolean)
}

// Each part is isolated: a right-to-left name does not change the order of the others.
const Parts = ({ parts }: { parts: ComponentChildren[] }) =>
  parts.map((part, index) => (
    <>
      {index > 0 && ' · '}
      <bdi dir="ltr">{part}</bdi>
    </>
  ))
