// Giving the reader a file.

import type { UrlState } from '../query/url_state'

const REVOKE_AFTER_MS = 10_000

/** "example.com-7d-page.csv": the site and the period, so that files are not mixed up. */
export const exportName = ({ site, period, from, to }: UrlState, name: string): string =>
  [site, period === 'custom' ? `${from}_${to}` : period, name].join('-')

export const download = (content: string, name: string, type: string): void => {
  const blob = new Blob([content], { type: `${type};charset=utf-8` })
  const href = URL.createObjectURL(blob)
  const link = Object.assign(document.createElement('a'), { href, download: name })
  document.body.append(link)
  link.click()
  link.remove()
  setTimeout(() => URL.revokeObjectURL(href), REVOKE_AFTER_MS)
}
