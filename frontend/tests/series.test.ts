import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import type { SeriesRow } from '../dashboard/api/types'
import { readBucket, summarizeSeries, zoomDates, type Series } from '../dashboard/chart/series'
import { ENGLISH } from '../dashboard/i18n/en'
import { setLanguage } from '../dashboard/i18n/translate'

beforeEach(() => setLanguage('en', ENGLISH, ['en-GB']))

const row = (day: number, visitors: number, partial = false): SeriesRow => ({
  time: `2024-03-0${day}T00:00:00+00:00`,
  partial,
  visitors,
  sessions: visitors,
  pageviews: visitors,
  events: 0,
  views_per_session: null,
  bounce_rate: null,
  session_duration: null,
  engaged_time: null,
  scroll_depth: null,
})

const series = (changes: Partial<Series> = {}): Series => ({
  rows: [row(5, 10), row(6, 30), row(7, 20, true)],
  previous: [row(2, 20), row(3, 30), row(4, 0)],
  metric: 'visitors',
  period: {
    from: '2024-03-05T00:00:00+00:00',
    to: '2024-03-08T00:00:00+00:00',
    timezone: 'UTC',
    interval: 'day',
  },
  comparison: 'previous_period',
  ...changes,
})

test('a bucket is read with the one that it is compared with', () => {
  assert.equal(readBucket(series(), 0), 'Tue, 5 Mar 2024, 10, before: 20, -50%')
  assert.equal(readBucket(series({ previous: null }), 0), 'Tue, 5 Mar 2024, 10')
  assert.equal(readBucket(series(), 9), '')
})

test('the chart is summarized in a sentence', () => {
  const summary = summarizeSeries(series())
  assert.match(summary, /^Visitors, 3 values from Tue, 5 Mar 2024 to Thu, 7 Mar 2024\./)
  assert.match(summary, /Highest: 30 \(Wed, 6 Mar 2024\)\. Lowest: 10/)
  assert.equal(
    summarizeSeries(series({ metric: 'bounce_rate' })),
    'Bounce rate over time. No data in this period',
  )
})

test('zooming ends at the period, and where there is nothing nearer', () => {
  assert.deepEqual(zoomDates(series(), 1, 1), { from: '2024-03-06', to: '2024-03-06' })
  assert.equal(zoomDates(series(), 0, 2), null)
  const { period } = series()
  const weekly = series({ period: { ...period, interval: 'week' } })
  assert.deepEqual(zoomDates(weekly, 1, 1), { from: '2024-03-06', to: '2024-03-07' })
})
