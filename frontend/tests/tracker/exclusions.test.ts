import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasPrivacySignal, isAutomated, isLocal } from '../../tracker/exclusions'

/** A browser with these values of its navigator, on a page of this host. */
const browse = (navigator: object, hostname = 'example.com'): void => {
  for (const [name, value] of Object.entries({ navigator, location: { hostname }, window: {} })) {
    Object.defineProperty(globalThis, name, { value, configurable: true })
  }
}

for (const navigator of [{ globalPrivacyControl: true }, { doNotTrack: '1' }]) {
  test(`a privacy signal is respected: ${JSON.stringify(navigator)}`, () => {
    browse(navigator)
    assert.ok(hasPrivacySignal())
  })
}

test('browsers without a signal are counted', () => {
  browse({ doNotTrack: '0' })
  assert.ok(!hasPrivacySignal())
  assert.ok(!isAutomated())
})

test('a browser that a program controls is not counted', () => {
  browse({ webdriver: true })
  assert.ok(isAutomated())
})

for (const hostname of ['', 'localhost', 'app.localhost', '127.0.0.1', '[fe80::1]']) {
  test(`this host is local: ${hostname || 'a file'}`, () => {
    browse({}, hostname)
    assert.ok(isLocal())
  })
}

test('a public host is not local', () => {
  browse({}, 'example.com')
  assert.ok(!isLocal())
})
