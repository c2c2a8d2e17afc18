// The queue of the tracker, with a collector that answers as the test says.

import assert from 'node:assert/strict'
import { beforeEach, mock, test } from 'node:test'
import type { TrackerEvent } from '../../tracker/tracker_event'

const bodies: TrackerEvent[][] = []
let status = 202
let beacons = 0

const define = (values: object): void => {
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
  }
}

define({
  script: { dataset: {}, src: 'https://api.example/tracker.js' },
  location: new URL('https://example.com/a'),
  navigator: { sendBeacon: () => (beacons += 1) },
  screen: { width: 800, height: 600 },
  window: {},
  localStorage: {},
  sessionStorage: {},
  fetch: async (_: URL, { body }: { body: string }) => {
    bodies.push(JSON.parse(body))
    const answer = JSON.stringify({ session_id: 's1' })
    return new Response(answer, { status })
  },
})
mock.method(console, 'warn', () => {}) // Node has no second file to load.
mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 })

const { count, handOver, restore } = await import('../../tracker/core/queue')
const { stopWaiting } = await import('../../tracker/core/safely')
stopWaiting()
restore()

const passed = async (milliseconds: number): Promise<void> => {
  mock.timers.tick(milliseconds)
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
  await new Promise((resolve) => setImmediate(resolve))
}

beforeEach(async () => {
  status = 202
  await passed(120_000)
  bodies.length = 0
  beacons = 0
})

test('an event is sent once, with its age, and the session is kept', async () => {
  count('signup', {})
  await passed(0)
  count('login', {})
  await passed(0)
  await passed(120_000)

  assert.deepEqual(bodies.map((events) => events.map(({ event_type }) => event_type)), [
    ['signup'],
    ['login'],
  ])
  const { age, session_id } = bodies[1]?.[0] as TrackerEvent & { age: number; session_id: string }
  assert.deepEqual({ age, session_id }, { age: 0, session_id: 's1' })
})

test('an event that the collector did not take is sent again, with the same id', async () => {
  status = 503
  count('signup', {})
  await passed(0)
  status = 202
  await passed(60_000)

  assert.equal(bodies.length, 2)
  assert.equal(bodies[0]?.[0]?.event_id, bodies[1]?.[0]?.event_id)
})

test('at most 50 events wait', async () => {
  status = 503
  for (let number = 0; number < 60; number += 1) count(`event ${number}`, {})
  await passed(0)

  assert.equal(bodies[0]?.length, 50)
  assert.equal(bodies[0]?.[0]?.event_type, 'event 10')
})

test('engagement replaces what was said of the page before', async () => {
  const first = count('engagement', { event_id: 'e1', engaged_ms: 1 })
  count('engagement', { event_id: 'e1', engaged_ms: 2 }, first)
  count('next', {})
  await passed(0)

  assert.deepEqual(bodies[0]?.map(({ engaged_ms }) => engaged_ms), [2, undefined])
})

test('a beacon carries what has no answer when the page is left', () => {
  count('signup', {})
  handOver()
  handOver()

  assert.equal(beacons, 1)
})
