import assert from 'node:assert/strict'
import { test } from 'node:test'
import { json } from '../../tracker/more/safe_json'

test('dates are written as JSON writes them', () => {
  assert.equal(json({ at: new Date(0) }), '{"at":"1970-01-01T00:00:00.000Z"}')
})

test('a library that changes arrays changes nothing', () => {
  const arrays = Array.prototype as { toJSON?: () => string }
  arrays.toJSON = () => 'changed'
  try {
    assert.equal(JSON.stringify([1]), '"changed"')
    assert.equal(json({ list: [1] }), '{"list":[1]}')
  } finally {
    delete arrays.toJSON
  }
})
