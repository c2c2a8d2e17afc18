import assert from 'node:assert/strict'
import { beforeEach, mock, test } from 'node:test'
import { learnSiteZone } from '../../dashboard/state/time_zone'
import {
  adjacentSessions,
  loadMoreSessions,
  loadSessions,
  sessionList,
} from '../../dashboard/views/sessions/session_list'
import { session } from '../builders'

const SESSIONS = ['latest', 'middle', 'oldest'].map((id) => session({ session_id: id }))

test('the sessions beside one are the newer above it and the older below it', () => {
  assert.deepEqual(adjacentSessions(SESSIONS, 'middle'), { newer: 'latest', older: 'oldest' })
})

test('nothing is newer than the first or older than the last', () => {
  assert.equal(adjacentSessions(SESSIONS, 'latest').newer, undefined)
  assert.equal(adjacentSessions(SESSIONS, 'oldest').older, undefined)
})

test('a session that is not in the list has none beside it', () => {
  assert.deepEqual(adjacentSessions(SESSIONS, 'other'), { newer: undefined, older: undefined })
})

const shownIds = () => sessionList.get().sessions.map((one) => one.session_id)
let requests: URLSearchParams[] = []

/** Answer requests with a page of one session, whose id is the cursor; it has one page more. */
const respond = (status = 200) => {
  mock.method(globalThis, 'fetch', async (url: string) => {
    const query = new URLSearchParams(url.split('?')[1])
    requests.push(query)
    const id = query.get('cursor') ?? 'first'
    const data = { sessions: [session({ session_id: id })], cursor: id === 'first' ? 'second' : null }
    const failed = { status: 'error', message: 'The service is resting.' }
    return Response.json(status === 200 ? { status: 'success', data } : failed, { status })
  })
}

beforeEach(async () => {
  learnSiteZone('UTC')
  respond()
  await loadSessions({ force: true })
  requests = []
})

test('the next page is added to the list, up to the last', async () => {
  await loadMoreSessions()
  assert.deepEqual(shownIds(), ['first', 'second'])
  assert.equal(requests[0]?.get('cursor'), 'second')
  assert.equal(sessionList.get().cursor, null)
})

test('the list is requested again after a minute', async (context) => {
  await loadSessions()
  assert.equal(requests.length, 0)
  context.mock.timers.enable({ apis: ['Date'], now: Date.now() + 60_000 })
  await loadSessions()
  assert.equal(requests.length, 1)
})

test('the sessions stay until those of a new request are there', async () => {
  const loading = loadSessions({ force: true })
  assert.deepEqual(shownIds(), ['first'])
  assert.equal(sessionList.get().isOutdated, true)
  await loading
  assert.equal(sessionList.get().isOutdated, false)
})

test('a page that cannot be loaded leaves the others', async () => {
  respond(500)
  await loadMoreSessions()
  assert.deepEqual(shownIds(), ['first'])
  assert.equal(sessionList.get().problem, 'The service is resting.')
  assert.equal(sessionList.get().cursor, 'second')
})
