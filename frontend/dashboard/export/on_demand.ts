// Exports, whose code is loaded for the first one.

import { importOrReload } from '../state/missing_file'
import { errorText, toast } from '../state/notices'

type Exports = typeof import('./export')

const run = async (start: (exports: Exports) => Promise<void>): Promise<void> => {
  try {
    await start(await importOrReload(() => import('./export')))
  } catch (error) {
    toast(errorText(error))
  }
}

/** Download all values of a dimension that the search finds, with all metrics. */
export const downloadBreakdown = (dimension: string, search = ''): Promise<void> =>
  run(({ exportBreakdown }) => exportBreakdown(dimension, search))

/** Download all sessions of the period. */
export const downloadSessions = (format: 'csv' | 'ndjson'): Promise<void> =>
  run(({ exportSessions }) => exportSessions(format))
