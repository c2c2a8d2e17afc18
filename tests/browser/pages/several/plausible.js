import { init } from '@plausible-analytics/tracker'

init({
  domain: 'shop.example',
  endpoint: '/several/api/event',
  captureOnLocalhost: true,
  outboundLinks: true,
  formSubmissions: true,
  logging: false
})
