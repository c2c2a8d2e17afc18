import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  describeEngagement,
  eventIcon,
  gapMs,
} from '../../dashboard/views/sessions/timeline_event'
import { timelineEvent } from '../builders'

test('the gap is the time since the event before, and 0 for the first', () => {
  const first = timelineEvent({ timestamp: '2026-03-01T10:00:00+00:00' })
  const second = timelineEvent({ timestamp: '2026-03-01T10:00:42.500+00:00' })
  assert.equal(gapMs(first, undefined), 0)
  assert.equal(gapMs(second, first), 42_500)
})

test('gaps and engagement under a second are not noted', () => {
  assert.deepEqual(describeEngagement(timelineEvent({ engaged_ms: 999 }), 999), [])
  const read = timelineEvent({ engaged_ms: 1_000, scroll_depth: 80 })
  assert.deepEqual(describeEngagement(read, 1_000), [
    '1s later',
    'visible for 1s',
    'scrolled to 80%',
  ])
})

test("the tracker's own events have icons, and any other event has one of all", () => {
  assert.equal(eventIcon(timelineEvent()), 'page')
  assert.equal(eventIcon(timelineEvent({ event_type: 'not_found' })), 'warning')
  for (const name of ['signup', 'constructor', '__proto__'])
    assert.equal(eventIcon(timelineEvent({ event_type: name })), 'bolt')
})
