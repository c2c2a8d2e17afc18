// What sends page views to this installation: a tag for pages, a command for a terminal.

/** The tag for the head of a site's pages. `base` is the address of this dashboard. */
export const trackerTag = (base: string): string =>
  `<script defer src="${new URL('tracker.js', base)}"></script>`

/** A command that sends one page view, as a browser would. */
export const curlCommand = (base: string, site: string): string =>
  [
    `curl -A 'Mozilla/5.0 Chrome/137.0' -H 'Content-Type: application/json' \\`,
    `  -d '{"event_type": "page_view", "page_url": "https://${site}/"}' \\`,
    `  ${new URL('events', base)}`,
  ].join('\n')
