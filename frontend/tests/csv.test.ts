import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatCsv } from '../dashboard/export/csv'

test('texts are quoted, numbers are not, and null is empty', () => {
  assert.equal(formatCsv([['page', 'visitors'], ['/a,b', 3], ['/c', null]]), [
    '"page","visitors"', '"/a,b",3', '"/c",', '',
  ].join('\r\n'))
})

test('a quote in a text is doubled', () => {
  assert.equal(formatCsv([['say "hi"']]), '"say ""hi"""\r\n')
})

for (const start of ['=', '+', '-', '@', '\t', '\r']) {
  test(`a text that begins with ${JSON.stringify(start)} is not a formula`, () => {
    assert.equal(formatCsv([[`${start}1+1`]]), `"'${start}1+1"\r\n`)
  })
}

test('a negative number stays a number', () => {
  assert.equal(formatCsv([[-1]]), '-1\r\n')
})
