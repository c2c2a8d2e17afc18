// What the tracker tells the owner of a site, in the browser's console. Loaded by tracker.js when
// there is something to tell: visitors of a page that works never ask for this file.
//
// One warning of each kind says what is wrong and what to do. With data-debug, or with
// ?liveinsight_debug in the page's URL, each event is printed as well, and what became of it.

const DROPPED = {
  bot: 'the collector takes this browser for a bot',
  prefetch: 'the browser loaded the page ahead',
  unknown_site: 'add this host name to SITES of your deployment',
  excluded_address: 'EXCLUDED_ADDRESSES of your deployment contains your address',
  excluded_path: 'EXCLUDED_PATHS of your deployment contains this page',
  referrer_spam: 'the referrer is known for spam'
}
// What visitors ask for, and reports of a session that is over, are no fault of the site.
const QUIET = ['opted_out', 'no_page_view']
const warned = new Set()

const isDebugging = options => 'debug' in options || /liveinsight_debug/.test(location)

const print = (...facts) => console.log('liveinsight:', ...facts)

const warn = (kind, ...facts) => {
  if (!warned.has(kind)) console.warn('liveinsight:', ...facts)
  warned.add(kind)
}

const isUrl = (url, base) => {
  try {
    return new URL(url, base)
  } catch (invalid) {}
}

const tellError = (options, reason) => {
  const { beforeSend, endpoint } = options
  if (beforeSend && typeof window[beforeSend] != 'function') {
    warn('before-send', `data-before-send="${beforeSend}" is not a global function. ` +
      'Nothing is sent until it is one.')
  } else if (endpoint && !isUrl(endpoint, location)) {
    warn('endpoint', `data-endpoint="${endpoint}" is not a URL. Nothing is sent.`)
  } else if (reason instanceof SyntaxError) {
    warn('json', 'data-liveinsight-props is not JSON, so the event has no properties. ' +
      'Use double quotes: {"plan": "pro"}.', reason.message)
  } else if (/circular|cyclic|BigInt/i.test(reason)) {
    warn('props', 'A property cannot be written as JSON and was left out.', reason.message)
  } else if (!(reason instanceof URIError) || isDebugging(options)) {
    warn('error', 'Something is not counted.', reason)
  }
}

// Give the reason why an event was not counted; the tracker itself only knows that there is one.
const reasonOf = (options, event) =>
  !event ? 'data-before-send returned nothing'
  : localStorage.liveinsight ? 'this browser has opted out: liveinsight.opt_in() counts it again'
  : navigator.globalPrivacyControl ? 'this browser sends Global Privacy Control'
  : navigator.doNotTrack == 1 ? 'this browser sends Do Not Track'
  : navigator.webdriver || window.Cypress ? 'this browser is automated'
  : !('local' in options) && /^[^a-z]*$|]$|localhost$/.test(location.hostname)
    ? 'this host is local: data-local counts it'
  : 'data-off, data-exclude or data-include leaves it out'

const tellAnswer = (options, status, text, sent) => {
  let answer = {}
  try {
    answer = JSON.parse(text)
  } catch (other) {}
  if (status >= 400 && status < 500) {
    warn(status, `The collector answered ${status}.`, answer.message || text,
      'Check data-endpoint and what passes requests on to your deployment.')
  }
  sent.map(([, event], index) => {
    const { status: outcome, message } = answer.results?.[index] || { status }
    const type = event.event_type
    if (isDebugging(options)) print(type, outcome, message || '', event)
    if (outcome == 'invalid') {
      warn(message, `An event is not counted. ${message}`, event)
    }
    const reason = outcome == 'dropped' && message.split(': ')[1]
    if (type == 'engagement' && !('engaged_ms' in event)) {
      warn('name', 'An event cannot be called "engagement". Choose another name.')
    } else if (reason && !QUIET.includes(reason)) {
      warn(reason, `Not counted (${reason}): ${DROPPED[reason]}.`)
    }
  })
}

export const tell = (options, kind, ...facts) => {
  if (kind == 'id') {
    warn(kind, 'This user id was left out. It must be a text or a number of 1 to 128 printable ' +
      'characters without a slash.', ...facts)
  } else if (kind == 'answer') {
    tellAnswer(options, ...facts)
  } else if (kind == 'held') {
    print(facts[0], 'is not counted:', reasonOf(options, facts[1]))
  } else {
    tellError(options, ...facts)
  }
}
