// The tracker: tells LiveInsight what happens on a page, and loses and doubles nothing on the way.
//
// An event is kept in a queue (in sessionStorage, where that is allowed) from when it happens until
// the collector has answered it. It may be sent more than once; its event_id makes that harmless.
// Installed by one script tag, whose data- attributes are the options: see docs/tracker.md.
(() => {
  const script = document.currentScript
  const early = window.liveinsight || {}
  // A second script tag would count everything twice.
  if (!script || early.page) return

  const options = script.dataset
  const QUEUE_EVENTS = 50
  // Browsers and the collector reject a body above 65,536 bytes; a character has at most three.
  const REQUEST_CHARACTERS = 2e4
  const QUEUE_MS = 864e5
  const LONGEST_WAIT_MS = 6e4
  const TITLE_MS = 250 // Single-page apps set the title after the address.
  const FOLLOW_MS = 1e4
  const DOWNLOADS = 'pdf,docx,xlsx,pptx,csv,zip,gz,dmg,exe,apk,mp3,mp4'

  // These four outlive the page.
  let queue = [] // [time, event] of what has no answer yet
  let until = 0 // when the collector's Retry-After ends
  let session
  let user

  let storage // where the browser keeps them, if anywhere
  let batch // the part of the queue that fits one request
  let fresh // whether the queue holds something that no beacon has carried
  let timer // what sends the queue next; true while a request is on its way
  let due // whether one more has to follow it
  let wait = 0 // milliseconds, longer with each failure

  let address = location // of the page that counts
  let path // of the address bar when the page was counted
  let draft // the page view, until its title is known
  let view // the page view, then
  let report // the last engagement event of it
  let reported // what that said, in milliseconds; a percent of depth is worth a second
  let engaged // milliseconds of the page view
  let since // when the page last became visible and focused, or false
  let depth // percent of the page that was seen
  let followed // the click to another page of this site, which can go on with the queue
  let optedOut

  // Wrap a function of ours so that the host page never sees it fail.
  const safely = run => (...args) => {
    try {
      return run(...args)
    } catch (reason) {
      console.debug('liveinsight', reason)
    }
  }

  // Listen before the page's own listeners can stop the event.
  const on = (types, run) => {
    types.split(' ').map(type => addEventListener(type, safely(run), true))
  }

  // Give the collector's URL: beside the tracker's own, unless the site names another.
  const endpoint = () => new URL(options.endpoint || 'events', script.src)

  // Find the first of some patterns that fits: `*` stands for one segment, `**` for any rest.
  const match = (patterns, text) => (patterns || '').split(/[\s,]+/).find(pattern => {
    const escaped = pattern.replace(/[^\w*]/g, '\\$&')
    const source = escaped.replace(/\*+/g, stars => stars[1] ? '.*' : '[^/]*')
    return RegExp(`^${source}$`, 'i').test(text)
  })

  // Give the path of a URL; with hash routing the fragment is the end of it.
  const pathOf = url => 'hash' in options
    ? (url.pathname + url.hash).replace(/\/?#\/?/, '/').split('?')[0]
    : url.pathname

  // Give a URL as it may be told: pages of this site masked and under the site's name.
  const clean = href => {
    const url = new URL(href)
    const page = pathOf(url)
    const site = options.site ? 'https://' + options.site : url.origin
    return (
      url.host != location.host ? url.href : site + (match(options.mask, page) || page) + url.search
    ).slice(0, 2000)
  }

  // Say why an event may not be counted here and now, or nothing.
  const reasonToSkip = type =>
    (optedOut || navigator.globalPrivacyControl || navigator.doNotTrack == 1) && 'opt-out' ||
    (navigator.webdriver || window.Cypress) && 'bot' ||
    // Files have no host name, and bare addresses no letters in it.
    !('local' in options) && /^[^a-z]*$|localhost$/.test(location.hostname) && 'local' ||
    (match(options.off, type) || match(options.exclude, pathOf(address)) ||
      !match(options.include || '**', pathOf(address))) && 'excluded'

  // Put an event into the queue, unless there is a reason not to, and give what was kept.
  const count = safely((type, more) => {
    const reason = reasonToSkip(type)
    if (reason) throw reason
    let event = {
      event_type: type,
      // A UUID, as every browser makes one: crypto.randomUUID is for https only.
      event_id: URL.createObjectURL(new Blob()).slice(-36),
      page_url: clean(address),
      language: navigator.language,
      screen: screen.width + 'x' + screen.height,
      timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      user_id: user || undefined,
      ...more
    }
    if (options.beforeSend) event = window[options.beforeSend](event)
    if (!event) throw options.beforeSend
    // A copy: it stays as it was, and what cannot be written fails here, not in the queue.
    fresh = JSON.parse(JSON.stringify(event))
    queue = [...queue, [Date.now(), fresh]]
    save()
    // Engagement travels with what comes next.
    if (!more.event_id) later()
    return fresh
  })

  // Drop from the queue what is too old or too much, keep it for the next page, and give the body
  // of a request with the oldest events that fit.
  const save = () => {
    const now = Date.now()
    let body
    batch = queue = queue.filter(entry => now - entry[0] < QUEUE_MS).slice(-QUEUE_EVENTS)
    while (
      (body = JSON.stringify(batch.map(entry =>
        ({ ...entry[1], age: now - entry[0], session_id: session || undefined })
      )))[REQUEST_CHARACTERS]
    ) batch = batch.slice(0, -1)
    if (!batch[0]) queue.shift() // An event that is too large by itself.
    try {
      storage.liveinsight = JSON.stringify([queue, until, session, user])
    } catch (blocked) {}
    return body
  }

  // Have the queue sent, with all that is ready by then.
  const later = () => {
    due = 1
    timer = timer || setTimeout(send, Math.max(wait, until - Date.now()))
  }

  // Send the queue; what fails is sent again, each time later, and never before `until`.
  const send = async () => {
    const body = save()
    const sent = batch
    due = queue != sent
    if (!(timer = sent[0])) return
    try {
      const answer = await fetch(endpoint(), { method: 'POST', body, keepalive: true })
      until = Date.now() + answer.headers.get('Retry-After') * 1000 || 0
      if (/^5|408|429/.test(answer.status)) throw 0
      queue = queue.filter(entry => !sent.includes(entry))
      wait = 0
      session = (await answer.json()).session_id || session
    } catch (failed) {
      fresh = due = queue[0]
      wait = Math.min(wait * 2 + Math.random() * 1000, LONGEST_WAIT_MS)
    }
    save()
    timer = 0
    if (due) later()
  }

  // Hand over what has no answer yet: to the next page if that is one of ours, else to a beacon.
  const leave = () => {
    reportEngagement()
    fresh = fresh && (
      Date.now() < until ||
      // The page has neither dealt with the click itself nor moved to a part of itself.
      followed && !followed[0].defaultPrevented && followed[1] != location ||
      !navigator.sendBeacon(endpoint(), save())
    )
  }

  // Count the page view now that its title is known.
  const settle = (finished = draft) => {
    draft = 0
    if (finished) view = count('page_view', { ...finished, title: document.title })
  }

  // Count an event that has a name.
  const track = safely((name, props) => {
    settle()
    count(name, { props: props && props.props || props })
  })

  // Note how far down the page was seen, and for how long it was visible and focused.
  const look = () => {
    const now = Date.now()
    engaged += since && now - since
    since = !document.hidden && document.hasFocus() && now
    if (!draft) {
      depth = Math.max(depth, Math.min(100,
        (scrollY + innerHeight) / document.documentElement.scrollHeight * 100 + .5 | 0))
    }
  }

  // Put the engagement with the page into the queue, in place of what was last said of it.
  const reportEngagement = () => {
    settle()
    look()
    const reportable = engaged + depth * 1000
    if (!view || reportable - reported < 1000) return
    reported = reportable
    queue = queue.filter(entry => entry[1] != report)
    report = count('engagement', {
      event_id: view.event_id, engaged_ms: engaged, scroll_depth: depth
    })
  }

  // Count a view of the page at the address, or of another path given.
  const page = safely(other => {
    reportEngagement()
    const referrer = path ? address : document.referrer
    draft = { referrer: referrer && clean(referrer) }
    address = new URL(other || location, location)
    path = pathOf(location)
    view = report = reported = followed = engaged = depth = 0
    setTimeout(mine => mine == draft && settle(), TITLE_MS, draft)
  })

  // Count a view when the address bar shows another page than before.
  const moved = () => {
    if (!('manual' in options || document.prerendering) && path != pathOf(location)) page()
  }

  // Count what a click or a submitted form means.
  const act = event => {
    if (event.button > 1) return
    const isForm = event.type == 'submit'
    const tagged = event.target.closest(
      (isForm ? 'form' : ':not(form)') + '[data-liveinsight-event]')
    if (tagged) {
      track(tagged.dataset.liveinsightEvent, JSON.parse(tagged.dataset.liveinsightProps || '{}'))
    }

    const link = event.target.closest(isForm ? 'form' : 'a[href]')
    if (!link) return
    const url = new URL(link.href || link.getAttribute('action') || '', document.baseURI)
    const isAway = url.host != location.host
    const ending = url.pathname.split('.').pop()
    const name = isForm ? 'form_submit'
      : link.hasAttribute('download') || match(options.downloads || DOWNLOADS, ending)
        ? 'file_download' : isAway && 'outbound_link'
    // mailto:, tel:, javascript: and data: URLs have no host.
    if (name && url.host) track(name, { url: clean(url) })
    followed = storage && !isAway && name != 'file_download' && [event, url.href]
    setTimeout(() => followed = 0, FOLLOW_MS)
  }

  // Name the user of the events to come; after another user's comes a session of their own.
  track.identify = safely(id => {
    if (user && user != id) session = 0
    user = id && id + ''
    save()
  })

  // Count nothing of this visitor any more, here or later, and forget what was not sent.
  track.opt_out = safely(() => {
    optedOut = 1
    view = fresh = 0
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

  safely(() => {
    optedOut = localStorage.liveinsight
    if ('noStorage' in options) return
    storage = sessionStorage
    if (storage.liveinsight) [queue, until, session, user] = JSON.parse(storage.liveinsight)
  })()
  if (options.userId) track.identify(options.userId)

  // Watch the methods of `history` by which an app changes the address.
  ;'pushState replaceState'.split(' ').map(name => {
    const original = history[name].bind(history)
    history[name] = (...args) => {
      original(...args)
      moved()
    }
  })
  // A page is also seen when it comes back from the back-forward cache, or was prerendered.
  on('pageshow popstate hashchange prerenderingchange', event => {
    if (event.persisted) path = 0
    moved()
  })
  on('pagehide', leave)
  on('focus blur scroll visibilitychange', () => {
    if (document.hidden) leave()
    else look(followed = 0)
  })
  on('click auxclick submit', act)

  moved()
  settle()
  if ('notFound' in options) track('not_found')
  // What the page said before the tracker was there.
  if (early.q) early.q.map(args => track(...args))
})()
