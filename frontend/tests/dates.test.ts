import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  addDays,
  bucketDates,
  datesOfPeriod,
  isDate,
  spanOf,
  stepPeriod,
  todayIn,
} from '../dashboard/query/dates'
import type { Period } from '../dashboard/query/dimensions'

const TODAY = '2024-03-13'
const choose = (period: Period, from = '', to = '') => ({ period, from, to })

test('dates are added without regard to zones or leap years', () => {
  assert.equal(addDays('2024-02-28', 1), '2024-02-29')
  assert.equal(addDays('2024-01-01', -1), '2023-12-31')
  assert.equal(addDays('2024-03-10', 1), '2024-03-11') // 23 hours in New York
})

test('only existing dates are dates', () => {
  assert.equal(isDate('2024-02-29'), true)
  assert.equal(isDate('2024-13-01'), false)
  assert.equal(isDate('yesterday'), false)
})

test('today is the date in the zone', () => {
  const now = Date.parse('2024-03-13T23:30:00Z')
  assert.equal(todayIn('Asia/Seoul', now), '2024-03-14')
  assert.equal(todayIn('UTC', now), '2024-03-13')
  assert.equal(todayIn('Not/AZone', now), '2024-03-13')
})

const SPANS: [Period, string, string, number][] = [
  ['today', '2024-03-13', TODAY, 0],
  ['yesterday', '2024-03-12', '2024-03-12', 0],
  ['7d', '2024-03-07', TODAY, 0],
  ['28d', '2024-02-15', TODAY, 0],
  ['month', '2024-03-01', TODAY, 1],
  ['6mo', '2023-10-01', TODAY, 6],
  ['12mo', '2023-04-01', TODAY, 12],
  ['year', '2024-01-01', TODAY, 12],
]
for (const [period, from, to, months] of SPANS) {
  test(`the dates of ${period}`, () => {
    assert.deepEqual(spanOf(choose(period), TODAY), { from, to, months })
  })
}

test('the last 24 hours and all time are not dates', () => {
  assert.equal(spanOf(choose('24h'), TODAY), null)
  assert.equal(spanOf(choose('all'), TODAY), null)
})

test('a period steps by its days, and is named where it has a name', () => {
  assert.deepEqual(stepPeriod(choose('today'), -1, TODAY), choose('yesterday'))
  assert.deepEqual(stepPeriod(choose('yesterday'), 1, TODAY), choose('today'))
  assert.deepEqual(
    stepPeriod(choose('7d'), -1, TODAY),
    choose('custom', '2024-02-29', '2024-03-06'),
  )
  assert.deepEqual(
    stepPeriod(choose('custom', '2024-02-29', '2024-03-06'), 1, TODAY),
    choose('7d'),
  )
})

test('calendar months step by months, and the current one ends today', () => {
  const february = choose('custom', '2024-02-01', '2024-02-29')
  assert.deepEqual(stepPeriod(choose('month'), -1, TODAY), february)
  assert.deepEqual(stepPeriod(february, 1, TODAY), choose('month'))
})

test('there is no step into the future', () => {
  assert.equal(stepPeriod(choose('today'), 1, TODAY), null)
  assert.equal(stepPeriod(choose('month'), 1, TODAY), null)
  assert.equal(stepPeriod(choose('all'), -1, TODAY), null)
})

test('the end of an answer is not part of its period', () => {
  const from = '2024-03-01T00:00:00+01:00'
  assert.deepEqual(datesOfPeriod({ from, to: '2024-03-08T00:00:00+01:00' }), {
    from: '2024-03-01',
    to: '2024-03-07',
  })
  assert.deepEqual(datesOfPeriod({ from, to: '2024-03-08T12:00:00+01:00' }), {
    from: '2024-03-01',
    to: '2024-03-08',
  })
})

test('a bucket covers its hour’s day, its week or its month', () => {
  assert.deepEqual(bucketDates('2024-02-05T13:00:00Z', 'hour'), {
    from: '2024-02-05',
    to: '2024-02-05',
  })
  assert.deepEqual(bucketDates('2024-02-05T00:00:00Z', 'week'), {
    from: '2024-02-05',
    to: '2024-02-11',
  })
  assert.deepEqual(bucketDates('2024-02-01T00:00:00Z', 'month'), {
    from: '2024-02-01',
    to: '2024-02-29',
  })
})
