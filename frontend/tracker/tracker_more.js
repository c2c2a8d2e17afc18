// What most pages do not need of the tracker: what the options of its tag mean, and what it has to
// say to the owner of the site, in the browser's console. tracker.js loads this file for a tag with
// options, before anything is counted, and when something is wrong.
//
// One warning of each kind says what is wrong and what to do. With data-debug, or with
// ?liveinsight_debug in the page's URL, each event is printed as well, and what became of it.

let options // of the tag
const warned = {}
const isAsked = /liveinsight_debug/.test(location)

const print = (...facts) => {
  if (isAsked || 'debug' in options) console.log('liveinsight:', ...facts)
}

const warn = (text, ...facts) => {
  if (!warned[text]) console.warn('liveinsight:', text, ...facts)
  warned[text] = 1
}

const attempt = (run, ...args) => {
  try {
    return run(...args)
  } catch {}
}

// Write JSON. Old libraries give arrays and objects a toJSON that writes something else.
const json = value => JSON.stringify(value, function (name, part) {
  return this[name] instanceof Date ? part : this[name]
})

const decode = text => attempt(decodeURI, text) || text

// Find the first of some patterns that fits: `*` stands for one segment, `**` for any rest.
const match = (patterns, text) => patterns?.split(/[\s,]+/).find(pattern => {
  const source = decode(pattern).replace(/\*+|\W/g, part =>
    part == '*' ? '[^/]*' : part[1] ? '.*' : '\\' + part)
  return RegExp('^' + source + '$', 'i').test(decode(text))
})

// Give the path of a URL; with hash routing the fragment is the end of it.
const pathOf = url => 'hash' in options
  ? (url.pathname + url.hash).replace(/\/?#\/?/, '/').split('?')[0]
  : url.pathname

// `www.` is the same site.
const hostOf = url => url?.hostname.replace(/^www\./, '')

// Give the reason why nothing of this visitor is counted, if there is one.
const reasonOf = isHeld =>
  isHeld === 1 || attempt(() => localStorage.liveinsight) ? 'opted out'
  : navigator.globalPrivacyControl || navigator.doNotTrack == 1 ? 'privacy signal'
  : navigator.webdriver || window.Cypress ? 'automated'
  : !('local' in options) && 'local'

const setUp = (script, run, plain, isDownload) => {
  const target = attempt(() => new URL(options.endpoint || 'events', script.src))
  if (!target) return warn('Nothing is sent: data-endpoint is not a URL.')

  // Put the pages of this site under its name, with their paths masked.
  const clean = href => {
    const url = attempt(() => new URL(href))
    if (hostOf(url) != hostOf(location)) return plain(href)
    const path = pathOf(url)
    return plain(
      new URL((options.site ? 'https://' + options.site : url.origin) +
        (match(options.mask, path) || path) + url.search))
  }

  const adapt = (event, isHeld, address) => {
    const type = event.event_type
    const path = pathOf(address)
    let reason = isHeld && reasonOf(isHeld)
    if (!reason && (match(options.off, type) || match(options.exclude, path) || !match(options.include || '**', path))) {
      reason = 'data-off, -exclude or -include'
    }
    if (!reason && options.beforeSend) {
      if (!window[options.beforeSend]?.call) {
        return warn('Nothing is sent: data-before-send is not a global function.')
      }
      event = window[options.beforeSend](event)
      if (!event) reason = 'data-before-send'
    }
    if (!reason) return event
    print('Not counted:', type, reason)
  }

  // Count the views of an app that routes by the part after the #.
  let shown
  const watch = event => {
    const path = pathOf(location)
    if (path == shown) return
    shown = path
    liveinsight.page('', event?.navigationType == 'replace')
  }

  const begin = () => {
    if (options.userId) liveinsight.identify(options.userId)
    if ('hash' in options && !('manual' in options)) {
      watch()
      if (window.navigation) navigation.addEventListener('currententrychange', watch)
      else setInterval(watch, 250)
      addEventListener('pageshow', event => {
        if (event.persisted) setTimeout(() => watch(shown = 0))
      })
    }
  }

  if ('notFound' in options) liveinsight('not_found') // waits until the page view is counted
  run([
    adapt,
    clean,
    options.downloads ? { test: path => match(options.downloads, path.split('.').pop()) } : isDownload,
    target,
    'manual' in options || 'hash' in options,
    'noStorage' in options,
    json
  ], begin)
}

const tellAnswer = (answer, text, sent) => {
  const body = attempt(JSON.parse, text) || {}
  const status = answer.status
  if (/^4/.test(status)) {
    warn('Collector answered ' + status, text)
  }
  const refused = sent.filter(([, event], index) => {
    const { status: outcome, message } = body.results?.[index] || { status }
    const type = event.event_type
    print(type, outcome, message || '', event)
    // What visitors ask for, and reports of a session that is over, are no fault of the site.
    if (/invalid|dropped/.test(outcome) && !event.scroll_depth && !/opted_out/.test(message)) {
      warn(message, event)
    }
    return /^user_id/.test(message)
  })
  // A user id that the collector rejects is left out, unless there is another by now.
  if (refused[0]) {
    const user = refused[0][1].user_id
    if (attempt(() => sessionStorage.liveinsight.endsWith(json(user) + ']'))) {
      liveinsight.identify()
    }
    const body = json(refused.map(([at, event]) =>
      ({ ...event, user_id: null, age: Date.now() - at })))
    fetch(answer.url, { method: 'POST', body })
  }
}

const tellError = (reason, [name, facts]) => {
  const props = facts?.props
  if (props && !attempt(json, props)) {
    warn('Left out what is not JSON.', reason)
    const copy = {}
    for (const key in props) {
      attempt(() => { copy[key] = JSON.parse(json(props[key])) })
    }
    liveinsight(name, copy)
  } else if (reason instanceof SyntaxError) {
    warn('data-liveinsight-props is not JSON like {"plan": "pro"}.', reason)
  } else if (reason.name != 'SecurityError') {
    warn('Not counted:', reason)
  }
}

// Take what the tracker passes: how to begin, the answer to a request, or an error.
export const use = (script, what, ...facts) => {
  options = script.dataset
  if (what.call) setUp(script, what, ...facts)
  else if (what.status) tellAnswer(what, ...facts)
  else tellError(what, ...facts)
}
