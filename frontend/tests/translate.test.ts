import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { ENGLISH } from '../dashboard/i18n/en'
import { KOREAN } from '../dashboard/i18n/ko'
import { label, preferredLanguage, setLanguage, t } from '../dashboard/i18n/translate'

beforeEach(() => setLanguage('en', ENGLISH))

const gapsOf = (text: unknown): string[] =>
  [...new Set(JSON.stringify(text).match(/\{\w+\}/g) ?? [])].sort()

test('both languages have the same texts, with the same gaps', () => {
  assert.deepEqual(Object.keys(KOREAN), Object.keys(ENGLISH))
  for (const [key, text] of Object.entries(ENGLISH)) {
    const translation = KOREAN[key as keyof typeof ENGLISH]
    assert.deepEqual(gapsOf(translation), gapsOf(text), key)
  }
})

test('both languages have the same names in each group', () => {
  for (const [key, group] of Object.entries(ENGLISH)) {
    if (typeof group === 'string' || 'one' in group) continue
    assert.deepEqual(Object.keys(KOREAN[key as keyof typeof ENGLISH]), Object.keys(group), key)
  }
})

test('gaps are filled, numbers as the language writes them', () => {
  assert.equal(t('shown', { shown: 100, total: 12_345 }), '100 of 12,345')
  assert.equal(t('timesIn', {}), 'Times in {zone}')
})

test('the number chooses between singular and plural', () => {
  assert.equal(t('minutesAgo', { n: 1 }), '1 minute ago')
  assert.equal(t('minutesAgo', { n: 2 }), '2 minutes ago')
  assert.equal(t('current', { n: 0 }), 'current visitors')
  setLanguage('ko', KOREAN)
  assert.equal(t('minutesAgo', { n: 1 }), '1분 전')
})

test('a group names what it knows, and nothing that objects inherit', () => {
  assert.equal(label('metrics', 'bounce_rate'), 'Bounce rate')
  assert.equal(label('channels', 'constructor'), 'constructor')
})

test('the chosen language comes before those of the browser', () => {
  assert.equal(preferredLanguage('ko', ['en-GB']), 'ko')
  assert.equal(preferredLanguage(null, ['fr-FR', 'ko-KR', 'en']), 'ko')
  assert.equal(preferredLanguage('xx', ['fr']), 'en')
})
