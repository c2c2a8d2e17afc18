// The values of the API. Their types are generated from docs/openapi.yaml.

import type { components } from '../../api_types'

type Schemas = components['schemas']

export type Metrics = Schemas['Figures']
export type SeriesRow = Schemas['SeriesRow']
export type BreakdownRow = Schemas['BreakdownRow']
export type Stats = Schemas['StatsReply']['data']
export type StatsPeriod = Stats['period']
export type Breakdown = Stats['breakdowns'][string]

export type Session = Schemas['Session']
type SessionPage = Schemas['SessionsReply']['data']
export type Timeline = Schemas['TimelineReply']['data']
export type TimelineEvent = Schemas['TimelineEvent']

export type Realtime = Schemas['RealtimeReply']['data']
export type RealtimeMinute = Realtime['series'][number]
export type RealtimeValue = Schemas['ValueNow']

/** What each path of the API returns. A session's timeline is at `sessions/{id}`. */
export interface ApiPaths {
  sites: Schemas['SitesReply']['data']
  stats: Stats
  realtime: Realtime
  sessions: SessionPage
  events: Schemas['EventsReply']['data']
}
