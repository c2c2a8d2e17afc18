import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatCsv } from '../dashboard/export/csv'
import vocabulary from '../../tests/vocabulary.json'

test('texts are quoted, numbers are not, and null is empty', () => {
  assert.equal(formatCsv([['page', 'visitors'], ['/a,b', 3], ['/c', null]]), [
    '"page","visitors"', '"/a,b",3', '"/c",', '',
  ].join('\r\n'))
})

test('a quote in a text is doubled', () => {
  assert.equal(formatCsv([['say "hi"']]), '"say ""hi"""\r\n')
})

// tests/presentation has the same test of the API.
for (const { id, text, cell } of vocabulary.csv_cells) {
  test(`the API and the dashboard write the same cell: ${id}`, () => {
    assert.equal(formatCsv([[text]]), `"${cell.replaceAll('"', '""')}"\r\n`)
  })
}

test('a negative number stays a number', () => {
  assert.equal(formatCsv([[-1]]), '-1\r\n')
})
