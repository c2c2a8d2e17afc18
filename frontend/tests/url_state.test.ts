import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cacheKey, dimensionList, statsQuery } from '../dashboard/query/stats_query'
import { DEFAULTS, formatUrlState, parseUrlState } from '../dashboard/query/url_state'

test('an address without parameters is the default view', () => {
  assert.deepEqual(parseUrlState(''), DEFAULTS)
  assert.equal(formatUrlState(DEFAULTS), '')
})

test('a view is reproduced by its address, which is readable', () => {
  const query = 'view=sessions&site=a.example&period=28d&filters=page==/a|b;country!=DE'
  assert.equal(formatUrlState(parseUrlState(`?${query}`)), query)
})

test('values that are not allowed are the default', () => {
  const { view, period, metric, interval, compare, table } = parseUrlState(
    'view=x&period=never&metric=x&interval=year&compare=x&table=yes',
  )
  assert.deepEqual([view, period, metric, interval, compare, table], [
    'overview',
    '7d',
    'visitors',
    '',
    'previous_period',
    '1',
  ])
})

test('custom dates have to be dates', () => {
  assert.equal(parseUrlState('period=custom&from=2024-01-01&to=2024-01-31').period, 'custom')
  assert.equal(parseUrlState('period=custom&from=2024-01-01&to=soon').period, '7d')
})

test('the overview asks for everything that its cards show', () => {
  const state = { ...DEFAULTS, site: 'a.example', locations: 'region', events: 'prop', prop: 'p,q' }
  const query = statsQuery(state)
  assert.equal(query['compare'], 'previous_period')
  assert.match(String(query['dimensions']), /,hour_of_week,region,prop:p\\,q$/)
})

test('there is nothing to compare all time with', () => {
  assert.equal(statsQuery({ ...DEFAULTS, period: 'all' })['compare'], '')
  assert.equal(statsQuery({ ...DEFAULTS, compare: 'off' })['compare'], '')
})

test('dates are sent only where they choose the period', () => {
  const dates = { from: '2024-01-01', to: '2024-01-31' }
  assert.equal(statsQuery({ ...DEFAULTS, ...dates })['from'], '')
  assert.equal(statsQuery({ ...DEFAULTS, ...dates, period: 'custom' })['from'], dates.from)
})

test('a change of tab needs no other answer', () => {
  const key = (changes: object) => cacheKey(statsQuery({ ...DEFAULTS, ...changes }))
  assert.equal(key({ pages: 'exit_page' }), key({}))
  assert.equal(key({ metric: 'sessions' }), key({}))
  assert.notEqual(key({ filters: 'page==/' }), key({}))
})

test('a property in a list may have any name', () => {
  assert.equal(dimensionList(['page', 'prop:a,b', 'prop:c\\', 'prop:d ']), 'page,prop:a\\,b,prop:c\\\\,prop:d\\ ')
})
