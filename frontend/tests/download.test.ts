import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exportName } from '../dashboard/export/download'
import { DEFAULTS } from '../dashboard/query/url_state'

test('a file is named after its site and period', () => {
  const state = { ...DEFAULTS, site: 'example.com', period: '28d' } as const
  assert.equal(exportName(state, 'page.csv'), 'example.com-28d-page.csv')
})

test('a custom range is named by its dates', () => {
  const range = { period: 'custom', from: '2026-03-01', to: '2026-03-07' } as const
  const state = { ...DEFAULTS, site: 'example.com', ...range }
  assert.equal(exportName(state, 'page.csv'), 'example.com-2026-03-01_2026-03-07-page.csv')
})
