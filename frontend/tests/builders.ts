// A session, an event and a row for tests, which change what matters to them.

import type { BreakdownRow, Session, TimelineEvent } from '../dashboard/api/types'

export const session = (changes: Partial<Session> = {}): Session => ({
  session_id: 's1',
  user_id: null,
  site: 'example.com',
  start_time: '2026-03-01T10:00:00+00:00',
  last_activity: '2026-03-01T10:05:00+00:00',
  expires_at: '2026-03-01T10:35:00+00:00',
  is_active: false,
  ended_by: 'timeout',
  page_count: 1,
  events: 0,
  duration: 0,
  engaged_time: 0,
  entry_page: '/',
  exit_page: '/',
  current_page: null,
  referrer: null,
  source: null,
  channel: 'Direct',
  utm_source: null,
  utm_medium: null,
  utm_campaign: null,
  utm_term: null,
  utm_content: null,
  country: null,
  device: null,
  browser: null,
  os: null,
  language: null,
  screen: null,
  ...changes,
})

export const timelineEvent = (changes: Partial<TimelineEvent> = {}): TimelineEvent => ({
  event_id: 'e1',
  event_type: 'page_view',
  timestamp: '2026-03-01T10:00:00+00:00',
  page_url: 'https://example.com/',
  page: '/',
  title: null,
  referrer: null,
  props: {},
  engaged_ms: 0,
  scroll_depth: null,
  ...changes,
})

export const breakdownRow = (changes: Partial<BreakdownRow> = {}): BreakdownRow => ({
  value: '/',
  visitors: 1,
  sessions: 1,
  pageviews: 1,
  events: 0,
  views_per_session: 1,
  bounce_rate: 0,
  session_duration: 0,
  engaged_time: 0,
  scroll_depth: null,
  ...changes,
})
