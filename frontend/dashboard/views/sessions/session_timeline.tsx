// The events of a session in order, from where the visitor came to how the session ended.

import type { ComponentChildren } from 'preact'
import type { Session, TimelineEvent } from '../../api/types'
import { Icon, type IconName } from '../../components/icon'
import { pageName, propertyValue } from '../../format/names'
import { escapeBidi } from '../../format/safe_text'
import { formatClock, formatMoment } from '../../format/times'
import { describeEngagement, eventIcon, gapMs } from './timeline_event'
import { describeEnd, sourceLabel } from './session_text'

interface SessionTimelineProps {
  session: Session
  events: TimelineEvent[]
}

export const SessionTimeline = ({ session, events }: SessionTimelineProps) => (
  <ol class="timeline">
    <TimelineItem icon="globe" kind="end">
      <span class="muted">{sourceLabel(session)}</span>
    </TimelineItem>
    {events.map((event, index) => (
      <EventItem key={index} event={event} gap={gapMs(event, events[index - 1])} />
    ))}
    <TimelineItem icon="end" kind="end">
      <span class="muted">{describeEnd(session)}</span>
    </TimelineItem>
  </ol>
)

interface TimelineItemProps {
  icon: IconName
  kind: 'page' | 'event' | 'end'
  time?: ComponentChildren
  children: ComponentChildren
}

const TimelineItem = ({ icon, kind, time, children }: TimelineItemProps) => (
  <li>
    <span class="timeline-icon" data-kind={kind}>
      <Icon name={icon} />
    </span>
    <div class="what">{children}</div>
    <span class="when">{time}</span>
  </li>
)

const EventItem = ({ event, gap }: { event: TimelineEvent; gap: number }) => {
  const isPage = event.event_type === 'page_view'
  const time = (
    <span title={formatMoment(event.timestamp)}>
      {formatClock(event.timestamp, { seconds: true })}
    </span>
  )
  return (
    <TimelineItem icon={eventIcon(event)} kind={isPage ? 'page' : 'event'} time={time}>
      <div>
        <b>{isPage ? pageName(event.page) : escapeBidi(event.event_type)}</b>
        {!isPage && (
          <span class="muted">
            {' '}
            <bdi>{pageName(event.page)}</bdi>
          </span>
        )}
      </div>
      {event.title && <div class="muted">{escapeBidi(event.title)}</div>}
      <Properties properties={event.props} />
      <div class="gap">{describeEngagement(event, gap).join(' · ')}</div>
    </TimelineItem>
  )
}

const Properties = ({ properties }: { properties: TimelineEvent['props'] }) => {
  const entries = Object.entries(properties ?? {})
  if (!entries.length) return null
  return (
    <div class="properties">
      {entries.map(([name, value]) => (
        <span key={name}>
          {escapeBidi(name)}: <bdi>{propertyValue(value)}</bdi>
        </span>
      ))}
    </div>
  )
}
