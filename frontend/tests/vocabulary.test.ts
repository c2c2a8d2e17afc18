// tests/vocabulary.json lists what the API and the dashboard agree on; tests/domain/query has the
// test of the API.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ENGLISH } from '../dashboard/i18n/en'
import {
  CARD_NAMES,
  COMPARISONS,
  INTERVALS,
  METRICS,
  PERIODS,
  tabsOf,
} from '../dashboard/query/dimensions'
import { OPERATORS, parseFilters } from '../dashboard/query/filter_syntax'
import vocabulary from '../../tests/vocabulary.json'

const WITHOUT_LABELS = ['scroll_depth'] // shown per page only
const sorted = (names: Iterable<string>): string[] => [...names].sort()

test('periods, intervals, comparisons and operators are those of the API', () => {
  assert.deepEqual([...PERIODS, 'custom'], vocabulary.periods)
  assert.deepEqual(INTERVALS, vocabulary.intervals)
  assert.deepEqual(
    COMPARISONS.filter((name) => name !== 'off'),
    vocabulary.comparisons,
  )
  assert.deepEqual(OPERATORS, vocabulary.filter_operators)
})

test('every metric of the tiles is one of the API', () => {
  assert.deepEqual(
    METRICS.filter((metric) => !vocabulary.metrics.includes(metric)),
    [],
  )
})

test('every channel has a label', () => {
  assert.deepEqual(sorted(Object.keys(ENGLISH.channels)), sorted(vocabulary.channels))
})

test('every metric has a label', () => {
  const expected = vocabulary.metrics.filter((metric) => !WITHOUT_LABELS.includes(metric))
  assert.deepEqual(sorted(Object.keys(ENGLISH.metrics)), sorted([...expected, 'share']))
})

test('every dimension has a name, and its list a title', () => {
  const { dimensions } = vocabulary
  assert.deepEqual(sorted(Object.keys(ENGLISH.dimensionLists)), sorted(dimensions))
  assert.deepEqual(sorted(Object.keys(ENGLISH.dimensions)), sorted([...dimensions, 'user_id']))
})

test('the cards and the heatmap offer every dimension', () => {
  const offered = CARD_NAMES.flatMap(tabsOf).flatMap(([, dimensions]) => dimensions)
  const known = offered.filter((dimension) => dimension !== 'prop')
  assert.deepEqual(sorted([...known, 'hour_of_week']), sorted(vocabulary.dimensions))
})

for (const { id, text, conditions } of vocabulary.filters) {
  test(`the API and the dashboard read the same filters: ${id}`, () => {
    assert.deepEqual(parseFilters(text), conditions)
  })
}
