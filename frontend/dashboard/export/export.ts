// Files of what the dashboard shows: a whole breakdown as CSV, and the sessions of the period as
// the API exports them.

import { fetchApi } from '../api/client'
import type { BreakdownRow, Stats } from '../api/types'
import { rowName } from '../format/names'
import { t } from '../i18n/translate'
import { METRICS } from '../query/dimensions'
import { periodQuery } from '../query/stats_query'
import { urlState } from '../state/navigation'
import { toast } from '../state/notices'
import { getStats } from '../answers/stats'
import { formatCsv, type Cell } from './csv'
import { download, exportName } from './download'

const PAGE_SIZE = 1_000
const MAX_PAGES = 100
const CURSOR_HEADER = 'x-liveinsight-cursor'

const [VISITORS, SESSIONS, PAGEVIEWS, ...RATES] = METRICS
const COLUMNS = [VISITORS, SESSIONS, PAGEVIEWS, 'events', ...RATES, 'scroll_depth'] as const

/** All values of a dimension, with all metrics. */
export const exportBreakdown = (dimension: string, search = ''): Promise<void> =>
  exportFile(`${dimension.replace(/\W/g, '_')}.csv`, 'text/csv', async () => {
    const { rows, answer } = await getAllRows(dimension, search)
    return formatCsv(breakdownTable(dimension, rows, answer))
  })

/** All sessions of the period. */
export const exportSessions = (format: 'csv' | 'ndjson'): Promise<void> =>
  exportFile(
    `sessions.${format}`,
    format === 'csv' ? 'text/csv' : 'application/x-ndjson',
    () => getAllSessions(format),
  )

/** Download what `load` returns, under a name with the site and the period. */
const exportFile = async (
  name: string,
  type: string,
  load: () => Promise<string>,
): Promise<void> => {
  const fileName = exportName(urlState(), name)
  toast(t('exporting'))
  download(await load(), fileName, type)
  toast('')
}

const getAllRows = async (
  dimension: string,
  search: string,
): Promise<{ rows: BreakdownRow[]; answer: Stats }> => {
  const rows: BreakdownRow[] = []
  for (let page = 1; ; page += 1) {
    const answer = await getStats(dimension, { search, limit: PAGE_SIZE, offset: rows.length })
    const found = answer.breakdowns[dimension]
    rows.push(...(found?.rows ?? []))
    const isComplete = !found?.rows.length || rows.length >= found.total
    if (isComplete || page === MAX_PAGES) return { rows, answer }
  }
}

/** A heading, then a line for each row. Hours of the week name their time zone. */
const breakdownTable = (
  dimension: string,
  rows: readonly BreakdownRow[],
  { period, meta }: Stats,
): Cell[][] => {
  const isInZone = dimension === 'hour_of_week'
  const heading = [dimension, ...COLUMNS, ...(isInZone ? ['timezone'] : [])]
  const lines = rows.map((row) => [
    rowName(dimension, row.value, meta.cut),
    ...COLUMNS.map((column) => row[column]),
    ...(isInZone ? [period.timezone] : []),
  ])
  return [heading, ...lines]
}

/** The pages of the export, one after the other. Only the first page of a CSV has a heading. */
const getAllSessions = async (format: string): Promise<string> => {
  const query = { ...periodQuery(urlState()), format }
  const pages: string[] = []
  let cursor = ''
  do {
    const response = await fetchApi('export', { ...query, cursor })
    pages.push(await response.text())
    cursor = response.headers.get(CURSOR_HEADER) ?? ''
  } while (cursor)
  return pages.join('')
}
