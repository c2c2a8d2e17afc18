// Pages of one site: `www.` makes no difference.

export const siteOf = (url: { hostname: string } | void): string | undefined =>
  url?.hostname.replace(/^www\./, '')
