import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  addFilter,
  formatFilters,
  isFilteredBy,
  parseFilters,
  removeFilter,
  toggleFilter,
  type Filter,
} from '../dashboard/query/filter_syntax'

const ROUND_TRIPS: [string, Filter[]][] = [
  ['', []],
  ['country==DE', [{ dimension: 'country', operator: '==', values: ['DE'] }]],
  ['source==', [{ dimension: 'source', operator: '==', values: [''] }]],
  ['page=~a|b', [{ dimension: 'page', operator: '=~', values: ['a', 'b'] }]],
  ['page!~a\\|b\\;c\\\\', [{ dimension: 'page', operator: '!~', values: ['a|b;c\\'] }]],
  [
    'country!=DE;event==a',
    [
      { dimension: 'country', operator: '!=', values: ['DE'] },
      { dimension: 'event', operator: '==', values: ['a'] },
    ],
  ],
  [
    'prop:net, EUR\\; a\\=\\=1\\|2 \\\\==x',
    [{ dimension: 'prop:net, EUR; a==1|2 \\', operator: '==', values: ['x'] }],
  ],
]

for (const [text, filters] of ROUND_TRIPS) {
  test(`filters are read and written: ${text || '(none)'}`, () => {
    assert.deepEqual(parseFilters(text), filters)
    assert.equal(formatFilters(filters), text)
  })
}

test('what is not a filter is left out', () => {
  assert.deepEqual(parseFilters('nonsense;country==DE;Page==1'), parseFilters('country==DE'))
})

test('a row toggles its filter, and replaces another value of its dimension', () => {
  assert.equal(toggleFilter('', 'country', 'DE'), 'country==DE')
  assert.equal(toggleFilter('country==FR;page=~a', 'country', 'DE'), 'page=~a;country==DE')
  assert.equal(toggleFilter('country==DE', 'country', 'DE'), '')
  assert.equal(toggleFilter('', 'source', null), 'source==')
  assert.equal(toggleFilter('', 'hour_of_week', 0), 'hour_of_week==0')
})

test('none is not the word null', () => {
  assert.equal(isFilteredBy('source==null', 'source', null), false)
  assert.equal(isFilteredBy('source==null', 'source', 'null'), true)
  assert.equal(isFilteredBy('source==', 'source', null), true)
})

test('a link to the encoded form of a path marks its decoded row', () => {
  assert.equal(isFilteredBy('page==/%ED%95%9C%EA%B5%AD', 'page', '/한국'), true)
})

test('filters are added and removed', () => {
  const filter: Filter = { dimension: 'page', operator: '=~', values: ['x'] }
  assert.equal(addFilter('country==DE', filter), 'country==DE;page=~x')
  assert.equal(removeFilter('country==DE;page=~x', filter), 'country==DE')
})
