// The values of the API, as docs/openapi.yaml describes them.

import type { Interval } from '../query/dimensions'

export interface Metrics {
  visitors: number
  sessions: number
  pageviews: number
  events: number
  views_per_session: number | null
  bounce_rate: number | null
  session_duration: number | null
  engaged_time: number | null
  scroll_depth: number | null
}

export interface SeriesRow extends Metrics {
  time: string
  partial: boolean
}

export interface BreakdownRow extends Metrics {
  value: string | number | null
}

export interface Breakdown {
  rows: BreakdownRow[]
  total: number
}

export interface StatsPeriod {
  from: string
  to: string
  timezone: string
  interval: Interval
}

export interface Stats {
  site: string
  period: StatsPeriod
  totals: Metrics
  series: SeriesRow[]
  previous?: Metrics
  previous_series?: SeriesRow[]
  breakdowns: Record<string, Breakdown>
  meta: {
    open_sessions: number | null
    visitors_are: 'exact' | 'estimate' | 'sum of daily visitors'
    cut: string[]
    generated_at: string
  }
}

export interface Session {
  session_id: string
  user_id: string | null
  site: string
  start_time: string
  last_activity: string
  expires_at: string
  is_active: boolean
  ended_by: 'timeout' | 'longest' | 'limit' | null
  page_count: number
  events: number
  duration: number
  engaged_time: number
  entry_page: string | null
  exit_page: string | null
  current_page: string | null
  referrer: string | null
  source: string | null
  channel: string
  utm_source: string | null
  utm_medium: string | null
  utm_campaign: string | null
  utm_term: string | null
  utm_content: string | null
  country: string | null
  device: string | null
  browser: string | null
  os: string | null
  language: string | null
  screen: string | null
}

export interface SessionPage {
  sessions: Session[]
  cursor: string | null
}

export interface TimelineEvent {
  event_id: string | null
  event_type: string
  timestamp: string
  page_url: string | null
  page: string
  title: string | null
  referrer: string | null
  props: Record<string, string | number | boolean>
  engaged_ms: number
  scroll_depth: number | null
}

export interface Timeline {
  session: Session
  timeline: TimelineEvent[]
  timeline_complete: boolean
}

export interface RealtimeValue {
  value: string | null
  visitors: number
}

export interface RealtimeMinute {
  time: string
  pageviews: number
  visitors: number
}

export interface Realtime {
  current_visitors: number
  visitors: number
  pageviews: number
  open_sessions: number
  series: RealtimeMinute[]
  pages: RealtimeValue[]
  sources: RealtimeValue[]
  countries: RealtimeValue[]
  devices: RealtimeValue[]
  feed: Session[]
  timezone: string
  generated_at: string
  age_seconds: number
}

/** What each path of the API returns. A session's timeline is at `sessions/{id}`. */
export interface ApiPaths {
  sites: { sites: string[] }
  stats: Stats
  realtime: Realtime
  sessions: SessionPage
  events: { events: TimelineEvent[]; cursor: string | null }
}
