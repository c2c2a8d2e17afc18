import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adjacentSessions } from '../../dashboard/views/sessions/session_list'
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
