import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  describeActivity,
  describeEnd,
  isActiveNow,
  sourceLabel,
} from '../../dashboard/views/sessions/session_text'
import { session } from '../builders'

const at = (time: string) => Date.parse(`2026-03-01T${time}+00:00`)

test('a session is active for five minutes after its last event', () => {
  const open = session({ is_active: true, last_activity: '2026-03-01T10:05:00+00:00' })
  assert.ok(isActiveNow(open, at('10:09:59.999')))
  assert.ok(!isActiveNow(open, at('10:10:00')))
  assert.ok(!isActiveNow({ ...open, is_active: false }, at('10:06:00')))
})

for (const [given, text] of [
  [{}, 'direct'],
  [{ source: 'Hacker News', utm_source: 'hn' }, 'from Hacker News'],
  [{ utm_source: 'newsletter', referrer: 'https://mail.example/' }, 'from newsletter'],
  [{ referrer: 'https://www.blog.example/post' }, 'from blog.example'],
  [{ referrer: 'android-app' }, 'from android-app'],
  [{ source: 'a\u202eb' }, 'from a\ufffdb'],
] as const) {
  test(`${JSON.stringify(given)} is "${text}"`, () => {
    assert.equal(sourceLabel(session(given)), text)
  })
}

test('events and duration are left out if there are none', () => {
  assert.deepEqual(describeActivity(session({ page_count: 1 })), ['1 page'])
  const busy = session({ page_count: 3, events: 1, duration: 125 })
  assert.deepEqual(describeActivity(busy), ['3 pages', '1 event', '2m 5s'])
})

test('the end says why, or when it will be', () => {
  const open = session({ is_active: true, ended_by: null })
  assert.match(describeEnd(session({ ended_by: 'timeout' })), /no events for 30 minutes/)
  assert.match(describeEnd(open, at('10:30:00')), /^Active\. Ends in 5/)
  assert.match(describeEnd(open, at('10:35:00')), /will be closed/)
  assert.equal(describeEnd(session({ ended_by: null })), 'Ended.')
})
