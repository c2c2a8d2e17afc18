// Files to take away: a card's whole list as CSV, and the sessions of the period as the API exports them.

import { fetchApi } from './dashboard_api.js'
import { h } from './dashboard_dom.js'
import { actions, state } from './dashboard_state.js'
import { rowName, t } from './dashboard_texts.js'

const FIGURES = [
  'visitors',
  'sessions',
  'pageviews',
  'events',
  'views_per_session',
  'bounce_rate',
  'session_duration',
  'engaged_time',
  'scroll_depth',
]
const PAGE = 1000
const MOST_PAGES = 100
const CURSOR = 'x-liveinsight-cursor'

// All values of a dimension, with all figures, as the filters have them.
export const exportCard = async (dimension, search = '') => {
  actions.say(t('exporting'))
  const rows = []
  let answer
  try {
    for (let page = 0, total = 1; rows.length < total && page < MOST_PAGES; page += 1) {
      answer = await actions.ask({
        dimensions: dimension,
        search,
        limit: PAGE,
        offset: rows.length,
        compare: '',
      })
      const found = answer.breakdowns[dimension]
      rows.push(...found.rows)
      total = found.rows.length ? found.total : 0
    }
  } catch (error) {
    return actions.say(error.message || t('errorTitle'))
  }
  // Hours are of a zone, which the file has to say too.
  const zone = dimension === 'hour_of_week' ? { timezone: text(answer.period.timezone) } : {}
  const lines = rows.map((row) => [
    text(rowName(dimension, row.value, answer)),
    ...FIGURES.map((name) => row[name] ?? ''),
    ...Object.values(zone),
  ])
  save(
    [[dimension.startsWith('prop:') ? text(dimension) : dimension, ...FIGURES, ...Object.keys(zone)], ...lines].map((line) => line.join(',')).join('\r\n') + '\r\n',
    `${dimension.replace(/\W/g, '_')}.csv`,
    'text/csv',
  )
}

// A spreadsheet must read a value as text, even one that begins like a formula.
const text = (value) => {
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return `"${harmless.replaceAll('"', '""')}"`
}

// Page by page, until there is no cursor; only the first page of a CSV has a heading.
export const exportSessions = async (format) => {
  actions.say(t('exporting'))
  const now = state()
  const dates = now.period === 'custom' ? { from: now.from, to: now.to } : {}
  const query = {
    site: now.site,
    period: now.period,
    ...dates,
    filters: now.filters,
    timezone: now.timezone,
    format,
  }
  const parts = []
  try {
    let cursor = ''
    do {
      const response = await fetchApi('export', { ...query, cursor })
      parts.push(await response.text())
      cursor = response.headers.get(CURSOR)
    } while (cursor)
  } catch (error) {
    return actions.say(error.message || t('errorTitle'))
  }
  save(
    parts.join(''),
    `sessions.${format}`,
    format === 'csv' ? 'text/csv' : 'application/x-ndjson',
  )
}

const save = (content, name, type) => {
  const { site, period, from, to } = state()
  const address = URL.createObjectURL(new Blob([content], { type: `${type};charset=utf-8` }))
  const link = h('a', {
    href: address,
    download: [site, period === 'custom' ? `${from}_${to}` : period, name].join('-'),
  })
  document.body.append(link)
  link.click()
  link.remove()
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
  actions.say('')
}
