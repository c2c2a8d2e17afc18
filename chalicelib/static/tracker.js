// The tracker: tells LiveInsight what happens on a page, and loses and doubles nothing on the way.
//
// An event is kept in a queue (in sessionStorage, where that is allowed) from when it happens until
// the collector has answered it. It may be sent more than once; its event_id makes that harmless.
// Installed by one script tag, whose data- attributes are the options: see docs/tracker.md.
(() => {
  const script = document.currentScript
  const options = script.dataset
  const early = window.liveinsight
  // A second script tag would count everything twice.
  if (early && early.page) return

  const endpoint = new URL(options.endpoint || 'events', script.src).href
  const manual = 'manual' in options
  const downloads = options.downloads ||
    'pdf,docx?,xlsx?,pptx?,csv,txt,epub,zip,rar,7z,t?gz,dmg,pkg,exe,msi,apk,iso,mp[34],mov,wav'

  const QUEUE_EVENTS = 50
  const QUEUE_BYTES = 64000 // Browsers refuse a keepalive body above 65,536.
  const QUEUE_MS = 864e5
  const TITLE_MS = 250 // Single-page apps set the title after the address.
  const FOLLOW_MS = 1e4

  // What outlives the page: `queue` of [time, event] without an answer, `until` when the collector
  // asked for silence, the id of the `session`, and the id of the `user`.
  const state = { queue: [], until: 0 }
  let stored // whether the browser keeps `state`
  let fresh // whether the queue holds something that no beacon has carried
  let timer // what sends the queue next; true while a request is on its way
  let failures = 0 // in a row

  let address = location.href // of the page that counts
  let path // of the address bar when the page was counted
  let draft // [time, referrer] of the page view, until its title is known
  let view // the page view, then
  let report // the last engagement event of it
  let engaged // milliseconds of it
  let since // when the page last became visible and focused, or 0
  let depth // percent of the page that was seen
  let followed // when a link to another page of this site was clicked
  let optedOut

  // Wrap a function of ours so that the host page never sees it fail.
  const safely = run => (...args) => {
    try {
      return run(...args)
    } catch (error) {
      console.debug('liveinsight', error)
    }
  }

  // Listen before the page's own listeners can stop the event.
  const on = (types, run) => {
    for (const type of types.split(' ')) addEventListener(type, safely(run), true)
  }

  // Say whether an automatic event is wanted.
  const wanted = type => !(options.off || '').includes(type)

  // Find the first of some path patterns that fits: `*` stands for one segment, `**` for any rest.
  const match = (patterns, page) => (patterns || '').split(/[\s,]+/).find(pattern => pattern && RegExp(
    `^${pattern.replace(/[^\w*]/g, '\\$&').replace(/\*+/g, stars => stars[1] ? '.*' : '[^/]*')}$`
  ).test(page))

  // Give the path of a URL; with hash routing the fragment is the end of it.
  const pathOf = url => 'hash' in options
    ? (url.pathname + url.hash.replace(/\?.*/, '').replace(/^#!?\/?/, '/')).replace('//', '/')
    : url.pathname

  // Give a URL as it may be told: pages of this site masked and under the site's name.
  const clean = href => {
    if (!href) return href
    const url = new URL(href)
    const page = pathOf(url)
    return (url.host != location.host ? url.href
      : (options.site ? 'https://' + options.site : url.origin) + (match(options.mask, page) || page) + url.search
    ).slice(0, 2000)
  }

  // Say why nothing may be counted here and now, or nothing.
  const reasonToSkip = () => {
    const page = pathOf(new URL(address))
    if (optedOut || navigator.globalPrivacyControl || navigator.doNotTrack == 1) return 'opted out'
    if (navigator.webdriver || window.Cypress || window.__nightmare) return 'automated'
    if (!('local' in options) && !/^https?:..(?!(.+\.)?localhost\b|127\.|\[::1|0\.0)/.test(address)) return 'local'
    if (match(options.exclude, page) || options.include && !match(options.include, page)) return 'excluded'
  }

  // Make an id that nobody else makes, also where there is no crypto.
  const randomId = () => {
    const numbers = new Uint32Array(4).map(() => Math.random() * 2 ** 32)
    if (window.crypto) crypto.getRandomValues(numbers)
    return Array.from(numbers, number => number.toString(36)).join('')
  }

  // Write the body of a request, dropping what is too old or too much.
  const body = () => {
    const now = Date.now()
    let text
    state.queue = state.queue.filter(([at]) => now - at < QUEUE_MS).slice(-QUEUE_EVENTS)
    while (text = JSON.stringify(state.queue.map(([at, event]) =>
      ({ ...event, age: now - at, session_id: state.session })
    )), new Blob([text]).size > QUEUE_BYTES) state.queue.shift()
    return text
  }

  // Keep the state for the next page of this tab, where the browser allows it.
  const save = () => {
    stored = false
    if ('noStorage' in options) return
    try {
      sessionStorage.liveinsight = JSON.stringify(state)
      stored = true
    } catch (blocked) {}
  }

  // Send the queue; what fails is sent again, each time later, and never before `until`.
  const send = safely(async () => {
    const text = body()
    const batch = state.queue
    timer = batch[0]
    if (!timer) return
    try {
      const answer = await fetch(endpoint, { method: 'POST', body: text, keepalive: true })
      if (/^(5|408|429)/.test(answer.status)) {
        state.until = Date.now() + (answer.headers.get('Retry-After') * 1000 || 0)
        throw answer.status
      }
      state.queue = state.queue.filter(entry => !batch.includes(entry))
      failures = 0
      state.session = (await answer.json()).session_id || state.session
    } catch (failed) {
      fresh = true
      failures += failures < 7
    }
    timer = 0
    save()
    if (state.queue[0]) later(failures && 2 ** failures * (250 + Math.random() * 250))
  })

  // Have the queue sent, with all that is ready by then.
  const later = wait => {
    timer = timer || setTimeout(send, Math.max(0, state.until - Date.now()) + wait)
  }

  // Put an event into the queue, unless there is a reason not to; give the event that was kept.
  const count = (type, more, at) => {
    const reason = reasonToSkip()
    if (reason) return console.debug('liveinsight', type, reason)
    let event = {
      event_type: type,
      event_id: randomId(),
      page_url: clean(address),
      language: navigator.language,
      screen: screen.width + 'x' + screen.height,
      timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      user_id: state.user,
      ...more
    }
    if (options.beforeSend) event = window[options.beforeSend](event)
    if (!event) return
    state.queue = [...state.queue, [at || Date.now(), event]]
    body()
    fresh = true
    save()
    return event
  }

  // Count an event that has a name.
  const track = safely((name, props) => {
    if (count(name, { props: props && props.props || props })) later(0)
  })

  // Count the page view now that its title is known.
  const settle = safely(() => {
    if (!draft) return
    view = count('page_view', { referrer: draft[1], title: document.title }, draft[0])
    draft = 0
    if (view) later(0)
  })

  // Add up the time for which the page was visible and focused.
  const tick = () => {
    const now = Date.now()
    if (since) engaged += now - since
    since = !document.hidden && document.hasFocus() && now
  }

  // Note how far down the page was seen.
  const look = () => {
    if (!draft && wanted('scroll')) {
      depth = Math.max(depth, Math.min(100, Math.round(
        (scrollY + innerHeight) / document.documentElement.scrollHeight * 100)))
    }
  }

  // Put the engagement with the page into the queue, in place of what was last said of it.
  const reportEngagement = () => {
    settle()
    tick()
    look()
    if (!view || report && engaged - report.engaged_ms < 1000 && depth == (report.scroll_depth || 0)) return
    state.queue = state.queue.filter(([, event]) => event != report)
    report = count('engagement', {
      event_id: view.event_id, engaged_ms: engaged, scroll_depth: depth || undefined
    })
  }

  // Count a view of the page at the address, or of another path given.
  const page = safely(other => {
    reportEngagement()
    draft = [Date.now(), clean(path ? address : document.referrer)]
    address = new URL(other || '', location).href
    path = pathOf(location)
    view = report = followed = engaged = depth = 0
    setTimeout(settle, TITLE_MS)
  })

  // Count a view when the address bar shows another page than before.
  const moved = safely(() => {
    if (!manual && pathOf(location) != path) page()
  })

  // Hand over what has no answer yet: to the next page if that is one of ours, else to a beacon.
  const leave = () => {
    reportEngagement()
    if (fresh && state.queue[0] && Date.now() > state.until && !(stored && Date.now() - followed < FOLLOW_MS)) {
      fresh = !navigator.sendBeacon(endpoint, body())
    }
  }

  // Count what a click or a submitted form means.
  const act = event => {
    if (event.button > 1) return
    const isForm = event.type == 'submit'
    const tagged = event.target.closest('[data-liveinsight-event]')
    if (tagged && (tagged.tagName == 'FORM') == isForm) {
      const props = {}
      for (const { name, value } of tagged.attributes) {
        if (/^data-liveinsight-(?!event$)/.test(name)) {
          props[name.slice(17)] = name.endsWith('-revenue') ? +value : value
        }
      }
      track(tagged.dataset.liveinsightEvent, props)
    }

    const link = event.target.closest(isForm ? 'form' : 'a[href]')
    if (!link) return
    const get = name => link.getAttribute(name) || ''
    const url = new URL(get('href') || get('action'), document.baseURI)
    const home = url.host == location.host
    const type = isForm ? 'form_submit'
      : link.hasAttribute('download') || RegExp(`\\.(${downloads.replace(/[\s,]+/g, '|')})$`, 'i').test(url.pathname)
        ? 'file_download' : !home && 'outbound_link'
    // mailto:, tel:, javascript: and data: URLs have no host.
    if (type && url.host && wanted(type)) {
      track(type, { url: clean(url.href), form: isForm ? get('id') || get('name') : undefined })
    }
    if (home && type != 'file_download' && !(event.button || event.metaKey || event.ctrlKey || event.shiftKey || get('target')) &&
      url.pathname + url.search != location.pathname + location.search) followed = Date.now()
  }

  // Begin to count: this page, then what it said before the tracker was there.
  const begin = () => {
    moved()
    settle()
    const load = performance.getEntriesByType('navigation')[0]
    if (wanted('not_found') && ('notFound' in options || load && load.responseStatus == 404)) track('not_found')
    for (const args of early && early.q || []) track(...args)
  }

  // Name the user of the events to come; after another user's comes a session of their own.
  track.identify = safely(user => {
    if (state.user && state.user != user) state.session = undefined
    state.user = user ? user + '' : undefined
    save()
  })

  // Count nothing of this visitor any more, here or later, and forget what was not sent.
  track.opt_out = safely(() => {
    optedOut = true
    draft = view = 0
    state.queue = []
    save()
    localStorage.liveinsight = 'off'
  })

  // Count this visitor again, from this page on.
  track.opt_in = safely(() => {
    optedOut = false
    page()
    delete localStorage.liveinsight
  })

  track.page = page
  window.liveinsight = track

  safely(() => {
    optedOut = localStorage.liveinsight == 'off'
    if (!('noStorage' in options)) Object.assign(state, JSON.parse(sessionStorage.liveinsight || '{}'))
  })()
  if (options.userId) track.identify(options.userId)

  for (const name of ['pushState', 'replaceState']) {
    const original = history[name]
    history[name] = (...args) => {
      original.apply(history, args)
      moved()
    }
  }
  on('popstate hashchange', moved)
  on('pageshow', event => {
    if (event.persisted) {
      path = 0
      moved()
    }
  })
  on('pagehide', leave)
  on('visibilitychange', () => document.hidden ? leave() : tick())
  on('focus blur', tick)
  on('scroll', look)
  on('click auxclick submit', act)

  tick()
  document.prerendering ? on('prerenderingchange', begin) : safely(begin)()
})()
