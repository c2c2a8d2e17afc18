// The tracker: tells LiveInsight what happens on a page, and loses and doubles nothing on the way.
//
// An event is kept in a queue (in sessionStorage, where that is allowed) from when it happens until
// the collector has answered it. It may be sent more than once; its event_id makes that harmless.
// Installed by one script tag, whose data- attributes are the options: see docs/tracker.md.
// What it has to say to the owner of the site is in tracker_console.js.
(() => {
  const script = document.currentScript
  const early = window.liveinsight || {}
  // A second script tag would count everything twice.
  if (!script || early.page) return

  const options = script.dataset
  const isDebugging = 'debug' in options || /liveinsight_debug/.test(location)
  const MAX_EVENTS = 50
  // Browsers and the collector reject a body above 65,536 bytes; a character has at most three.
  const MAX_CHARACTERS = 2e4
  const MAX_URL = 2e3
  const MAX_AGE_MS = 864e5
  const MAX_BACKOFF_MS = 6e4
  const TITLE_MS = 250 // Single-page apps set the title after the address.
  const REPORT_MS = 12e5 // A session ends 30 minutes after its last event or report.
  const DOWNLOADS = 'pdf,docx,xlsx,pptx,csv,zip,gz,dmg,exe,apk,mp3,mp4'

  // These four outlive the page.
  let queue = [] // [time, event] of what has no answer yet
  let retryAt = 0 // when the collector's Retry-After ends
  let session
  let user

  let storage // where the browser keeps them, if anywhere
  let batch // the part of the queue that fits one request
  let unsent // whether the queue holds something that no beacon has carried
  let timer // what sends the queue next; true while a request is on its way
  let isDue // whether one more has to follow it
  let backoff = 0 // milliseconds, longer with each failure

  let address = location // of the page that counts
  let path // of the address bar when the page was counted
  let pendingView // the page view, until its title is known
  let currentView // the page view, then
  let engagementEvent // the last one of it
  let reportedMs // what that said, in milliseconds; a percent of depth is worth a second
  let engagedMs // of the page view
  let visibleSince // when the page last became visible and focused, or false
  let maxScroll // percent of the page that was seen
  let nextPage // whether the tab goes on to a page of this site
  let lastAction // the click or submit that was read last
  let clicked // the tagged element that it hit, while it is dispatched
  let optedOut
  let endpoint // the collector's URL: beside the tracker's own, unless the site names another
  let waiting = [] // calls until the page is seen

  // Resolve a URL beside the tracker's own.
  const beside = name => new URL(name, script.src)

  // Tell the site's owner something in the console, by a file that visitors do not need.
  const tell = async (...facts) => {
    try {
      (await import(beside('static/tracker_console.js'))).tell(options, ...facts)
    } catch (missing) {
      console.warn('liveinsight', ...facts)
    }
  }

  // Wrap a function of ours so that the page never sees it fail. Until the page is seen for the
  // first time its calls wait: browsers load pages ahead, and in the background.
  const safely = run => (...args) => {
    try {
      if (!waiting) return run(...args)
      waiting.push(() => safely(run)(...args))
    } catch (reason) {
      tell('error', reason)
    }
  }

  const start = () => {
    if (document.hidden || document.prerendering || !waiting) return
    const calls = waiting
    waiting = 0
    calls.map(call => call())
  }

  // Listen before the page's own listeners can stop the event.
  const on = (types, run) => {
    types.split(' ').map(type => addEventListener(type, run, true))
  }

  // Write JSON. Old libraries give arrays and objects a toJSON that writes something else.
  const json = value => JSON.stringify(value, function (key, part) {
    return this[key] instanceof Date ? part : this[key]
  })

  // Give an id as text if the collector accepts it: printable characters, no slash, no object.
  const idOf = id => {
    if (!id) return
    if (/^(?!\[o)( |[^/\s\p{C}]){1,128}$/u.test(id)) return id + ''
    tell('id', id)
  }

  const decode = text => safely(decodeURI)(text) || text

  // Find the first of some patterns that fits: `*` stands for one segment, `**` for any rest.
  const match = (patterns, text) => (patterns || '').split(/[\s,]+/).find(pattern => {
    const source = decode(pattern).replace(/\*+|\W/g, part =>
      part == '*' ? '[^/]*' : part[1] ? '.*' : '\\' + part)
    return RegExp('^' + source + '$', 'i').test(decode(text))
  })

  // Give the path of a URL; with hash routing the fragment is the end of it.
  const pathOf = url => 'hash' in options
    ? (url.pathname + url.hash).replace(/\/?#\/?/, '/').split('?')[0]
    : url.pathname

  const siteOf = url => url.hostname.replace(/^www\./, '')
  const isAway = url => siteOf(url) != siteOf(location)

  // Give a URL as it may be told: pages of this site masked and under the site's name.
  const clean = href => {
    const url = new URL(href)
    const page = pathOf(url)
    const site = options.site ? 'https://' + options.site : url.origin
    return (
      isAway(url) ? url : new URL(site + (match(options.mask, page) || page) + url.search)
    ).href.slice(0, MAX_URL)
  }

  // Say whether this visitor, or an event of this type on this page, is not to be counted.
  const isHeldBack = (type, page) =>
    !endpoint || optedOut || navigator.globalPrivacyControl || navigator.doNotTrack == 1 ||
    navigator.webdriver || window.Cypress ||
    // Files have no host name, and bare addresses no letters in it, or a bracket.
    !('local' in options) && /^[^a-z]*$|]$|localhost$/.test(location.hostname) ||
    match(options.off, type) || match(options.exclude, page) ||
    !match(options.include || '**', page)

  // Put an event into the queue, unless it is held back, and give what was kept.
  const count = safely((type, more) => {
    let event = {
      event_type: type,
      // A UUID, as every browser makes one: crypto.randomUUID is for https only.
      event_id: URL.createObjectURL(new Blob()).slice(-36),
      page_url: clean(address),
      language: navigator.language,
      screen: screen.width + 'x' + screen.height,
      timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      user_id: user,
      ...more
    }
    if (
      isHeldBack(type, pathOf(address)) ||
      options.beforeSend && !(event = window[options.beforeSend](event))
    ) {
      if (isDebugging) tell('held', type, event)
      return
    }
    // A copy: it stays as it was, and what cannot be written fails here, not in the queue.
    unsent = JSON.parse(json(event))
    queue = [...queue, [Date.now(), unsent]]
    save()
    // Engagement travels with what comes next.
    if (!more.event_id) later()
    return unsent
  })

  // Drop from the queue what is too old or too much, keep it for the next page, and give the body
  // of a request with the oldest events that fit.
  const save = () => {
    const now = Date.now()
    let body
    batch = queue = queue.filter(entry => now - entry[0] < MAX_AGE_MS).slice(-MAX_EVENTS)
    while (
      (body = json(batch.map(entry =>
        ({ ...entry[1], age: now - entry[0], session_id: session })
      )))[MAX_CHARACTERS]
    ) batch = batch.slice(0, -1)
    if (!batch[0]) queue.shift() // An event that is too large by itself.
    try {
      storage.liveinsight = json([queue, retryAt, session, user])
    } catch (blocked) {}
    return body
  }

  // Have the queue sent, with all that is ready by then.
  const later = () => {
    isDue = 1
    timer = timer || setTimeout(send, Math.max(backoff, retryAt - Date.now()))
  }

  // Send the queue; what fails is sent again, each time later, and never before `retryAt`.
  const send = async () => {
    const body = save()
    const sent = batch
    isDue = queue != sent
    if (!(timer = sent[0])) return
    try {
      const answer = await fetch(endpoint, { method: 'POST', body, keepalive: true })
      const text = await answer.text()
      if (isDebugging || !answer.ok || /"(dropped|invalid)"/.test(text)) {
        tell('answer', answer.status, text, sent)
      }
      retryAt = Date.now() + answer.headers.get('Retry-After') * 1000 || 0
      if (/^5|408|429/.test(answer.status)) throw 0
      queue = queue.filter(entry => !sent.includes(entry))
      backoff = 0
      session = JSON.parse(text).session_id || session
    } catch (failed) {
      unsent = isDue = queue[0]
      backoff = Math.min(backoff * 2 + Math.random() * 1e3, MAX_BACKOFF_MS)
    }
    save()
    timer = 0
    if (isDue) later()
  }

  // Hand over what has no answer yet: to the next page if that is one of ours, else to a beacon.
  const flushOnExit = () => {
    reportEngagement()
    if (!unsent) return
    const body = save()
    unsent = batch[0] && (
      nextPage || Date.now() < retryAt || !navigator.sendBeacon(endpoint, body)
    )
  }

  // Count the page view now that its title is known.
  const commitPageView = (view = pendingView) => {
    pendingView = 0
    if (view) currentView = count('page_view', { ...view, title: document.title })
  }

  // Copy the properties of an event, without those that cannot be written as JSON.
  const copyProps = safely(given => {
    const props = Object(given.props || given)
    const copy = {}
    Object.keys(props).map(safely(name => {
      copy[name] = JSON.parse(json(props[name]) || null)
    }))
    return copy
  })

  // Count an event that has a name.
  const track = safely((name, props) => {
    moved()
    commitPageView()
    count(name, { props: props && copyProps(props) })
  })

  // Note how far down the page was seen, and for how long it was visible and focused.
  const measureEngagement = () => {
    const now = Date.now()
    engagedMs += visibleSince && now - visibleSince
    visibleSince = !document.hidden && document.hasFocus() && now
    if (!pendingView) {
      maxScroll = Math.max(maxScroll, Math.min(100,
        (scrollY + innerHeight) / document.documentElement.scrollHeight * 100 + .5 | 0))
    }
  }

  // Put the engagement with the page into the queue, in place of what was last said of it, and say
  // whether there was any.
  const reportEngagement = () => {
    commitPageView()
    measureEngagement()
    const reportable = engagedMs + maxScroll * 1000
    if (!currentView || reportable < reportedMs + 1000) return
    reportedMs = reportable
    queue = queue.filter(entry => entry[1] != engagementEvent)
    return engagementEvent = count('engagement', {
      event_id: currentView.event_id, engaged_ms: engagedMs, scroll_depth: maxScroll
    })
  }

  // Count a view of the page at the address, or of another path given.
  const page = safely(other => {
    reportEngagement()
    const referrer = path ? address : document.referrer
    pendingView = { referrer: referrer && clean(referrer) }
    address = new URL(other || location, location)
    path = pathOf(location)
    currentView = engagementEvent = reportedMs = engagedMs = maxScroll = 0
    setTimeout(mine => mine == pendingView && commitPageView(), TITLE_MS, pendingView)
  })

  // Count a view when the address bar shows another page than before. An address that is replaced
  // before its view was counted was a redirect of the app, and no page.
  const moved = safely(event => {
    if ('manual' in options || path == pathOf(location)) return
    if (!pendingView || event?.navigationType != 'replace') return page()
    address = new URL(location)
    path = pathOf(location)
  })

  // Count what a click or a submitted form means.
  const onAction = safely(event => {
    const nodes = event.composedPath()
    // The `submit` of a form in a shadow root does not leave that. Only such roots have a mode.
    nodes.map(node => node.mode && node.addEventListener('submit', onAction, true))
    if (event.type == 'focus' || event.button > 1 || lastAction == event) return
    lastAction = event
    const isForm = event.type == 'submit'
    const find = selector => nodes.find(node => node.matches?.(selector))
    const tagged = find((isForm ? 'form' : ':not(form)') + '[data-liveinsight-event]')
    // A label passes its click on to its control: one click, two events.
    if (tagged && tagged != clicked) {
      clicked = tagged
      setTimeout(() => clicked = 0)
      track(tagged.dataset.liveinsightEvent,
        safely(JSON.parse)(tagged.dataset.liveinsightProps || '{}'))
    }

    const link = find(isForm ? 'form' : 'a,area')
    // A form's attributes can be hidden by its inputs, and its button can have others.
    const attribute = name =>
      event.submitter?.getAttribute('form' + name) || link.getAttribute(name)
    if (!link || isForm && /dialog/i.test(attribute('method'))) return
    // The address of a link in SVG is an object.
    const url = new URL(
      isForm ? attribute('action') || location : link.href.baseVal ?? link.href, document.baseURI)
    const ending = url.pathname.split('.').pop()
    const name = isForm ? 'form_submit'
      : link.hasAttribute('download') || match(options.downloads || DOWNLOADS, ending)
        ? 'file_download' : isAway(url) && 'outbound_link'
    // mailto:, tel:, data: and the schemes of apps lead to no page.
    if (name && /^http/.test(url)) track(name, { url: clean(url) })
  })

  // Name the user of the events to come; after another user's comes a session of their own.
  track.identify = safely(id => {
    if (user && user != id) session = undefined
    user = idOf(id)
    save()
  })

  // Count nothing of this visitor any more, here or later, and forget what was not sent.
  track.opt_out = safely(() => {
    optedOut = 1
    currentView = 0
    queue = []
    save()
    localStorage.liveinsight = 1
  })

  // Count this visitor again, from this page on.
  track.opt_in = safely(() => {
    optedOut = 0
    page()
    localStorage.liveinsight = ''
  })

  track.page = page
  window.liveinsight = track

  // Read what outlives the page.
  const restore = safely(() => {
    optedOut = localStorage.liveinsight
    if ('noStorage' in options) return
    storage = sessionStorage
    if (storage.liveinsight) [queue, retryAt, session, user] = JSON.parse(storage.liveinsight)
    unsent = queue[0]
  })

  safely(() => {
    endpoint = beside(options.endpoint || 'events')
    restore()
    user = idOf(user) // An older tracker took any.
    if (options.userId) track.identify(options.userId)

    // Older browsers do not report each change of the address.
    if (window.navigation) navigation.addEventListener('currententrychange', moved)
    else setInterval(moved, TITLE_MS)
    // A page is also seen when it comes back from the back-forward cache.
    on('pageshow', safely(event => {
      if (event.persisted) {
        restore()
        path = nextPage = 0
        moved()
      }
    }))
    // The next page can send the queue, unless it is a file, or was there before and has read
    // it. Where browsers do not say where they go, a beacon does.
    on('pageswap', ({ activation }) => {
      nextPage = storage && activation && activation.navigationType != 'traverse' &&
        !/\.[^./h]+$/.test(activation.entry.url)
    })
    on('pagehide', safely(flushOnExit))
    on('focus blur scroll visibilitychange', safely(() => {
      if (document.hidden) flushOnExit()
      else measureEngagement()
    }))
    on('click auxclick submit focus', onAction)
    setInterval(() => reportEngagement() && later(), REPORT_MS)

    moved()
    commitPageView()
    if ('notFound' in options) track('not_found')
    // What the page said before the tracker was there.
    early.q?.map(args => track(...args))
    // What the page before has handed over has to be sent, whether or not this one counts.
    if (unsent) later()
  })()
  // The page before one that was prerendered hands over while that is shown already.
  on('prerenderingchange visibilitychange', () => setTimeout(start, TITLE_MS))
  start()
})()
