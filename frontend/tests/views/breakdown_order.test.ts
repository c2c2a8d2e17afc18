import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  columnsOf,
  sortingAfterClick,
  sortRows,
} from '../../dashboard/views/breakdown/breakdown_order'
import { shownRows } from '../../dashboard/query/dimensions'
import { breakdownRow } from '../builders'

const ROWS = [
  breakdownRow({ value: 'b', visitors: 2, bounce_rate: null }),
  breakdownRow({ value: 'c', visitors: 3, bounce_rate: 0 }),
  breakdownRow({ value: 'a', visitors: 1, bounce_rate: 0.5 }),
]
const nameOf = (row: { value: string | number | null }) => String(row.value)
const names = (rows: readonly { value: unknown }[]) => rows.map((row) => row.value).join('')

test('events are counted for events and properties only', () => {
  assert.deepEqual(columnsOf('event').slice(0, 4), ['value', 'visitors', 'events', 'sessions'])
  assert.ok(columnsOf('prop:plan').includes('events'))
  assert.ok(!columnsOf('page').includes('events'))
})

test('a click sorts numbers from the top and names from A', () => {
  const byVisitors = { column: 'visitors', isDescending: true } as const
  assert.deepEqual(sortingAfterClick(byVisitors, 'sessions'), {
    column: 'sessions',
    isDescending: true,
  })
  assert.deepEqual(sortingAfterClick(byVisitors, 'value'), { column: 'value', isDescending: false })
})

test('a second click reverses the order', () => {
  const byVisitors = { column: 'visitors', isDescending: true } as const
  assert.equal(sortingAfterClick(byVisitors, 'visitors').isDescending, false)
})

test('rows are sorted by a metric, those without it last', () => {
  const sorting = { column: 'bounce_rate', isDescending: true } as const
  assert.equal(names(sortRows(ROWS, sorting, nameOf)), 'acb')
})

test('rows are sorted by what they are called', () => {
  const sorting = { column: 'value', isDescending: false } as const
  const countries: Record<string, string> = { a: 'Ungarn', b: 'Deutschland', c: 'Ägypten' }
  assert.equal(names(sortRows(ROWS, sorting, (row) => countries[nameOf(row)] ?? '')), 'cba')
})

test('sorting leaves the rows of the answer as they are', () => {
  sortRows(ROWS, { column: 'value', isDescending: false }, nameOf)
  assert.equal(names(ROWS), 'bca')
})

test('a session without an event is not a row of events, but one without a source is', () => {
  const rows = [breakdownRow({ value: null }), breakdownRow({ value: 'signup' })]
  assert.equal(shownRows('event', rows).length, 1)
  assert.equal(shownRows('source', rows).length, 2)
})
