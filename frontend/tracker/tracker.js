// The tracker: tells LiveInsight what happens on a page, and loses and doubles nothing on the way.
//
// An event is kept in a queue (in sessionStorage, where that is allowed) from when it happens until
// the collector has answered it. It may be sent more than once; its event_id makes that harmless.
// Installed by one script tag, whose data- attributes are the options: see docs/reference/tracker.md. What
// they mean is in tracker_more.js, with what the tracker has to say to the owner of the site: most
// pages never load that.
(() => {
  const script = document.currentScript
  const early = window.liveinsight
  // A second script tag would count everything twice.
  if (!script || early?.page) return

  const MAX_EVENTS = 50
  // Browsers and the collector reject a body above 65,536 bytes; a character has at most three.
  const MAX_CHARACTERS = 2e4
  const MAX_URL = 2e3
  const MAX_AGE_MS = 864e5
  const MAX_BACKOFF_MS = 6e4
  const TITLE_MS = 250 // Single-page apps set the title after the address.
  const REPORT_MS = 12e5 // A session ends 30 minutes after its last event or report.
  // A tag with options, or a page with an old library that changes what JSON.stringify writes.
  const needsMore =
    Object.keys(script.dataset)[0] || [].toJSON || /liveinsight_debug/.test(location)

  // These four outlive the page.
  let queue = [] // [time, event] of what has no answer yet
  let retryAt = 0 // when the collector's Retry-After ends
  let session
  let user

  let storage // where the browser keeps them, if anywhere
  let batch // the part of the queue that fits one request
  let unsent // whether the queue holds something that no beacon has carried
  let timer // what sends the queue next; true while a request is on its way
  let backoff = 0 // milliseconds, longer with each failure

  let address = new URL(location) // of the page that counts
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
  let waiting = [] // calls until the page is seen

  // Pass facts to tracker_more.js: `run`, or what is wrong.
  const tellMore = (...facts) =>
    import(new URL('static/tracker_more.js', script.src))
      .then(more => more.use(script, ...facts), console.warn)

  // Wrap a function of ours so that the page never sees it fail. Until the page is seen for the
  // first time its calls wait: browsers load pages ahead, and in the background.
  const safely = run => (...args) => {
    try {
      if (!waiting) return run(...args)
      waiting.push(() => safely(run)(...args))
    } catch (reason) {
      tellMore(reason, args)
    }
  }

  // Listen before the page's own listeners can stop the event.
  const on = (types, run) => {
    types.split(' ').map(type => addEventListener(type, safely(run), true))
  }

  // What options can change: `run` takes other values from tracker_more.js.
  // Give a URL as it may be told. What follows the # is the page's own, and can hold tokens.
  let clean = url => (url + '').split('#')[0].slice(0, MAX_URL)
  let isDownload = /\.(pdf|(doc|xls|ppt)x|csv|zip|gz|dmg|exe|apk|mp[34])$/i
  // Give an event as it is to be sent, or nothing if it is held back.
  let adapt = (event, isHeld) => !isHeld && event
  let endpoint = new URL('events', script.src)
  let isManual // counts no page views by itself
  let isStateless // stores nothing in the browser
  let json = JSON.stringify

  // Put an event into the queue, unless it is held back, and give what was kept.
  const count = safely((type, facts) => {
    const event = adapt({
      event_type: type,
      event_id: Math.random() + '', // of 52 bits, to be unique in its session
      page_url: clean(address),
      screen: screen.width + 'x' + screen.height,
      timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      user_id: user,
      ...facts
    },
    optedOut || navigator.globalPrivacyControl || navigator.doNotTrack == 1 ||
      navigator.webdriver || window.Cypress ||
      // Files have no host name, and bare addresses no letters in it, or a bracket.
      /^[^a-z]*$|]$|localhost$/.test(location.hostname), address)
    if (!event) return
    // A copy: it stays as it was, and what cannot be written fails here, not in the queue.
    unsent = JSON.parse(json(event))
    queue = [...queue, [Date.now(), unsent]]
    save()
    // Engagement travels with what comes next.
    if (!facts.event_id) later()
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
    } catch {}
    return body
  }

  // Have the queue sent, with all that is ready by then.
  const later = () => {
    timer = timer || setTimeout(send, Math.max(backoff, retryAt - Date.now()))
  }

  // Send the queue; what fails is sent again, each time later, and never before `retryAt`.
  const send = async () => {
    const body = save()
    const sent = batch
    if (!(timer = sent[0])) return
    try {
      const answer = await fetch(endpoint, { method: 'POST', body })
      const text = await answer.text()
      if (needsMore || !answer.ok || /dropped|invalid/.test(text)) {
        tellMore(answer, text, sent)
      }
      retryAt = Date.now() + answer.headers.get('Retry-After') * 1000 || 0
      if (/^5|408|429/.test(answer.status)) throw 0
      queue = queue.filter(entry => !sent.includes(entry))
      backoff = 0
      session = JSON.parse(text).session_id || session
    } catch {
      unsent = queue[0]
      backoff = Math.min(backoff * 2 + Math.random() * 1e3, MAX_BACKOFF_MS)
    }
    save()
    timer = 0
    // A view that waits for its title takes along what there is.
    if (!pendingView && unsent) later()
  }

  // Hand over what has no answer yet: to the next page if that is one of ours, else to a beacon.
  const flushOnExit = () => {
    reportEngagement()
    unsent = unsent && save() && batch[0] && (
      nextPage || Date.now() < retryAt || !navigator.sendBeacon(endpoint, save())
    )
  }

  // Count the page view now that its title is known.
  const commitPageView = (view = pendingView) => {
    if (view && view == pendingView) {
      pendingView = 0
      view.title = document.title
      currentView = count('page_view', view)
    }
  }

  // Count an event that has a name.
  const track = safely((name, props) => {
    moved()
    commitPageView()
    count(name, { props: props?.props || props })
  })

  // Note how far down the page was seen, and for how long it was visible and focused.
  const measureEngagement = () => {
    const now = Date.now()
    engagedMs += visibleSince && now - visibleSince
    visibleSince = !document.hidden && document.hasFocus() && now
    if (!pendingView) {
      maxScroll = Math.min(100, Math.max(maxScroll,
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
  const page = safely((other, isRedirect) => {
    if (!pendingView || !isRedirect) {
      reportEngagement()
      pendingView = { referrer: clean(path ? address : document.referrer) }
      currentView = engagementEvent = reportedMs = engagedMs = maxScroll = 0
      setTimeout(commitPageView, TITLE_MS, pendingView)
    }
    address = new URL(other || location, location)
    path = location.pathname
  })

  // Count a view when the address bar shows another page than before. An address that is replaced
  // before its view was counted was a redirect of the app, and no page.
  const moved = safely(event => {
    if (!isManual && path != location.pathname) {
      page('', event?.navigationType == 'replace')
    }
  })

  // `www.` is the same site.
  const hostOf = url => url.hostname.replace(/^www\./, '')

  // Count what a click or a submitted form means.
  const onAction = safely(event => {
    const isForm = event.type == 'submit'
    // The `submit` of a form in a shadow root does not leave that. Only such roots have a mode.
    const nodes = event.composedPath().filter(node => {
      if (node.mode) node.addEventListener('submit', onAction, true)
      return isForm == (node.localName == 'form')
    })
    if (event.type == 'focus' || event.button > 1 || lastAction == event) return
    lastAction = event
    const tagged = nodes.find(node => node.dataset?.liveinsightEvent)
    // A label passes its click on to its control: one click, two events.
    if (tagged && tagged != clicked) {
      clicked = tagged
      setTimeout(() => clicked = 0)
      track(tagged.dataset.liveinsightEvent,
        safely(JSON.parse)(tagged.dataset.liveinsightProps || null))
    }

    const link = nodes.find(node => isForm || /^a(rea)?$/.test(node.localName))
    // A form's properties can be hidden by its inputs, and its button can have others.
    const button = event.submitter
    if (!link || (button?.formMethod || link.method) == 'dialog') return
    // The address of a link in SVG is an object.
    const url = new URL(
      isForm
        ? (button?.attributes.formaction || link.attributes.action)?.value || location
        : link.href.baseVal ?? link.href,
      document.baseURI)
    const name = isForm ? 'form_submit'
      : link.attributes.download || isDownload.test(url.pathname)
        ? 'file_download' : hostOf(url) != hostOf(location) && 'outbound_link'
    // mailto:, tel:, data: and the schemes of apps lead to no page.
    if (name && /^http/.test(url)) track(name, { url: clean(url) })
  })

  // Name the user of the events to come; after another user's comes a session of their own. An id
  // that the collector rejects is taken back by tracker_more.js.
  track.identify = safely(id => {
    if (user && user != id) session = null
    user = id ? id + '' : null
    save()
  })

  // Count nothing of this visitor any more, here or later, and forget what was not sent.
  track.opt_out = safely(() => {
    optedOut = 1
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
    if (isStateless) return
    storage = sessionStorage
    if (storage.liveinsight) [queue, retryAt, session, user] = JSON.parse(storage.liveinsight)
    unsent = queue[0]
  })

  // Begin, with what tracker_more.js says where that is needed.
  const run = (changes, begin) => {
    const calls = waiting
    waiting = 0
    if (changes) [adapt, clean, isDownload, endpoint, isManual, isStateless, json] = changes
    restore()
    begin?.()

    // Older browsers do not report each change of the address.
    if (window.navigation) navigation.addEventListener('currententrychange', moved)
    else setInterval(moved, TITLE_MS)
    // A page is also seen when it comes back from the back-forward cache.
    on('pageshow', event => {
      if (event.persisted) {
        restore()
        path = nextPage = 0
        moved()
      }
    })
    // The next page can send the queue, unless it is a file, or was there before and has read
    // it. Where browsers do not say where they go, a beacon does.
    on('pageswap', ({ activation }) => {
      nextPage = storage && activation && activation.navigationType != 'traverse' &&
        !/\.[^./h]+$/.test(activation.entry.url)
    })
    on('pagehide', flushOnExit)
    on('focus blur scroll visibilitychange', () => {
      if (document.hidden) flushOnExit()
      else measureEngagement()
    })
    on('click auxclick submit focus', onAction)
    setInterval(() => reportEngagement() && later(), REPORT_MS)

    // The page that the tag was read on, then the one that an app has shown since.
    if (!isManual) page(address)
    commitPageView()
    path = path && address.pathname
    moved()
    // What the page said before the tracker was there.
    early?.q?.map(args => track(...args))
    calls.map(call => call())
    // What the page before has handed over has to be sent, whether or not this one counts.
    if (unsent) later()
  }

  // Begin when the page is seen. One that was prerendered waits a moment longer: the page before
  // hands over while this one is shown already.
  const start = wasSeen => {
    if (document.hidden || !wasSeen) setTimeout(start, TITLE_MS, !document.hidden)
    else if (needsMore) tellMore(run, clean, isDownload)
    else run()
  }
  start(1)
})()
