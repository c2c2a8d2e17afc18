import assert from 'node:assert/strict'
import { test } from 'node:test'
import { match, routeOf } from '../../tracker/more/patterns'

const cases: [patterns: string | undefined, path: string, found: string | undefined][] = [
  [undefined, '/a', undefined],
  ['/a', '/a', '/a'],
  ['/a', '/a/b', undefined],
  ['/users/*', '/users/7', '/users/*'],
  ['/users/*', '/users/7/edit', undefined],
  ['/users/**', '/users/7/edit', '/users/**'],
  ['/a, /b', '/b', '/b'],
  ['/A', '/a', '/A'],
  ['/a.b', '/axb', undefined],
  ['/café', '/caf%C3%A9', '/café'],
  ['/%zz', '/%zz', '/%zz'],
]

for (const [patterns, path, found] of cases) {
  test(`${patterns} finds ${found ?? 'nothing'} in ${path}`, () => {
    assert.equal(match(patterns, path), found)
  })
}

test('the route of an app is what follows the #', () => {
  assert.equal(routeOf('/app/#/settings?tab=2'), '/app/settings')
  assert.equal(routeOf('/#settings'), '/settings')
  assert.equal(routeOf('/app'), '/app')
})
