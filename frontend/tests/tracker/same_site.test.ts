import assert from 'node:assert/strict'
import { test } from 'node:test'
import { siteOf } from '../../tracker/same_site'

test('www. makes no difference', () => {
  assert.equal(siteOf(new URL('https://www.example.com/a')), siteOf(new URL('https://example.com')))
  assert.notEqual(siteOf(new URL('https://www2.example.com')), siteOf(new URL('https://example.com')))
})
