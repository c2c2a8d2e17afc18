import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { formatChange } from '../dashboard/format/change'
import { dimensionName, flag, pageName, propertyValue, rowName, valueName } from '../dashboard/format/names'
import { formatDuration, formatMetric } from '../dashboard/format/numbers'
import { escapeBidi } from '../dashboard/format/safe_text'
import {
  bucketName,
  formatAgo,
  formatClock,
  formatDates,
  formatMoment,
  setZone,
  weekdays,
  zoneName,
} from '../dashboard/format/times'
import { ENGLISH } from '../dashboard/i18n/en'
import { KOREAN } from '../dashboard/i18n/ko'
import { setLanguage } from '../dashboard/i18n/translate'
import { decodePercent } from '../dashboard/query/percent_encoding'

const TIME = '2024-03-13T09:05:07+00:00'

beforeEach(() => {
  setLanguage('en', ENGLISH, ['en-GB'])
  setZone('UTC')
})

const DURATIONS: [number, string][] = [
  [0, '0s'],
  [59.6, '1m'],
  [192, '3m 12s'],
  [3600, '1h'],
  [90_061, '1d 1h'],
]
for (const [seconds, text] of DURATIONS) {
  test(`${seconds} seconds are ${text}`, () => assert.equal(formatDuration(seconds), text))
}

test('each metric is written in its unit', () => {
  assert.equal(formatMetric('bounce_rate', 0.4567), '45.7%')
  assert.equal(formatMetric('engaged_time', 75), '1m 15s')
  assert.equal(formatMetric('scroll_depth', 62.4), '62%')
  assert.equal(formatMetric('visitors', 12_345), '12,345')
  assert.equal(formatMetric('visitors', 12_345, { short: true }), '12.3k')
  assert.equal(formatMetric('bounce_rate', null), '–')
})

test('a change has an arrow, a signed percentage and a tone', () => {
  const change = (metric: 'visitors' | 'bounce_rate', value: number, before: number) => {
    const found = formatChange(metric, value, before)
    return found && `${found.arrow} ${found.text} ${found.tone}`
  }
  assert.equal(change('visitors', 112, 100), '▲ +12% good')
  assert.equal(change('visitors', 97.5, 100), '▼ -2.5% bad')
  assert.equal(change('bounce_rate', 0.6, 0.5), '▲ +20% bad')
  assert.equal(change('visitors', 5, 5), '= no change neutral')
  assert.equal(change('visitors', 5, 0), '▲ new neutral')
  assert.equal(change('visitors', 5000, 1), '▲ >+999% good')
  assert.equal(formatChange('visitors', 5, undefined), null)
})

test('times are in the zone of the page', () => {
  assert.equal(formatClock(TIME), '09:05')
  setZone('Asia/Seoul')
  assert.equal(formatClock(TIME, { seconds: true }), '18:05:07')
  assert.match(formatMoment(TIME), /^13 Mar 2024, 18:05:07 GMT\+9$/)
})

test('in a zone that is not known, times are as the answer writes them', () => {
  setZone('Mars/Olympus')
  assert.equal(formatClock('2024-03-13T23:05:07+05:30'), '23:05')
  assert.equal(zoneName(), 'Mars/Olympus')
})

test('buckets are named by the interval', () => {
  const time = '2024-03-13T09:00:00+05:30'
  assert.equal(bucketName(time, 'hour', { short: true }), '09:00')
  assert.equal(bucketName(time, 'day', { short: true }), '13 Mar')
  assert.equal(bucketName(time, 'month'), 'March 2024')
})

test('dates and distances in time', () => {
  assert.match(formatDates('2024-02-01', '2024-02-07'), /^1\W+7 Feb 2024$/)
  const now = Date.parse(TIME)
  assert.equal(formatAgo(TIME, now + 1_000), 'now')
  assert.match(formatAgo(TIME, now + 300_000), /^5\s?min/)
  assert.equal(weekdays()[0], 'Mon')
})

const NAMES: [string, string | number | null, string][] = [
  ['country', 'DE', 'Germany'],
  ['language', 'ko', 'Korean'],
  ['region', 'DE-BE', 'BE, Germany'],
  ['channel', 'Organic Social', 'Organic Social'],
  ['channel', 'A new one', 'A new one'],
  ['device', 'tv', 'TV'],
  ['referrer', 'https://www.a.example/b/', 'a.example/b'],
  ['page', '/%ED%95%9C%EA%B5%AD', '/한국'],
  ['hour_of_week', 25, 'Tue 01:00'],
  ['source', null, 'Direct / none'],
  ['utm_term', null, '(not set)'],
  ['country', '', '(unknown)'],
  ['prop:plan', '<i>pro</i>', '<i>pro</i>'],
]
for (const [dimension, value, name] of NAMES) {
  test(`${dimension} ${value} is called ${name}`, () => {
    assert.equal(valueName(dimension, value), name)
  })
}

test('dimensions have names, properties their own', () => {
  assert.equal(dimensionName('entry_page'), 'Entry page')
  assert.equal(dimensionName('prop:plan'), 'Property plan')
})

test('the rest of a list that was cut is not the value "(other)"', () => {
  assert.equal(rowName('event', '(other)', ['event']), 'Other')
  assert.equal(rowName('event', '(other)', []), '(other)')
})

test('what cannot be seen is neither decoded nor shown', () => {
  assert.equal(escapeBidi('a\u202egpj.exe'), 'a\ufffdgpj.exe')
  assert.equal(decodePercent('/a%E2%80%AEb%E2%80%8B'), '/a%E2%80%AEb%E2%80%8B')
  assert.equal(decodePercent('/caf%C3%A9%20%41'), '/café%20%41')
  assert.equal(decodePercent('/%E2%80'), '/%E2%80')
})

test('pages and the URLs in properties are decoded', () => {
  assert.equal(pageName(null), '–')
  assert.equal(propertyValue('https://a.example/%ED%95%9C'), 'https://a.example/한')
  assert.equal(propertyValue('50%ED%95%9C'), '50%ED%95%9C')
  assert.equal(propertyValue(true), 'true')
})

test('a flag is made of the letters of a country', () => {
  assert.equal(flag('FR'), '🇫🇷')
  assert.equal(flag('xx'), '')
})

test('Korean readers get Korean names', () => {
  setLanguage('ko', KOREAN, ['ko-KR'])
  assert.equal(valueName('country', 'DE'), '독일')
  assert.equal(valueName('channel', 'Organic Social'), '자연 소셜')
  assert.equal(formatDuration(192), '3분 12초')
})
