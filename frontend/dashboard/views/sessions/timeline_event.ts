// One event of a timeline: its icon, the gap before it, and how long its page was in view.

import type { TimelineEvent } from '../../api/types'
import type { IconName } from '../../components/icon'
import { formatDuration, formatPercent } from '../../format/numbers'
import { t } from '../../i18n/translate'

// Anything shorter is not worth a note.
const MIN_NOTED_MS = 1_000

// A map, not an object: sites name their events as they like, "constructor" included.
const ICONS = new Map<string, IconName>([
  ['page_view', 'page'],
  ['outbound_link', 'link'],
  ['file_download', 'download'],
  ['not_found', 'warning'],
])

export const eventIcon = (event: TimelineEvent): IconName => ICONS.get(event.event_type) ?? 'bolt'

/** The milliseconds since the event before; 0 for the first. */
export const gapMs = (event: TimelineEvent, before: TimelineEvent | undefined): number =>
  before ? Date.parse(event.timestamp) - Date.parse(before.timestamp) : 0

/** "5s later", "visible for 1m", "scrolled to 80%": as far as it is known. */
export const describeEngagement = (event: TimelineEvent, gap: number): string[] => {
  const { engaged_ms: engagedMs, scroll_depth: depth } = event
  const notes: string[] = []
  if (gap >= MIN_NOTED_MS) notes.push(t('gap', { time: formatDuration(gap / 1000) }))
  if (engagedMs >= MIN_NOTED_MS)
    notes.push(t('visibleFor', { time: formatDuration(engagedMs / 1000) }))
  if (depth) notes.push(t('scrolledTo', { share: formatPercent(depth / 100, 0) }))
  return notes
}
