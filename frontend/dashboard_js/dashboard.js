// The dashboard: starts it, asks for what the state needs, and has each panel show it.
// One answer of /api/stats feeds the whole overview; one of /api/realtime, every five seconds,
// feeds everything live. Panels that are not seen first are loaded after the first figures.

import {
  ask,
  forgetToken,
  hasToken,
  keepAsking,
  setting,
  keepSetting,
  takeTokenFromAddress,
} from './dashboard_api.js'
import { addStyles, announce, byId, h } from './dashboard_dom.js'
import { renderChoices, renderHeader } from './dashboard_header.js'
import { renderLive, renderMinutes } from './dashboard_live.js'
import { keyOf, listed, statsQuery } from './dashboard_query.js'
import { actions, go, onStateChange, startState, state } from './dashboard_state.js'
import { chooseLanguage, clock, duration, number, t, useZone } from './dashboard_texts.js'
import { renderFoot, renderTiles } from './dashboard_tiles.js'

const FRESH_FOR = 60_000
const answers = new Map()

let sites = []
let shown = null // {key, answer, at}: the stats on the page
let siteZone = setting('zone') // the zone in which the site's days are counted, as last known
let zoneKnown
const whenZoneKnown = new Promise((done) => (zoneKnown = done))
let asking = null
let live = { answer: null, at: 0, problem: null }
let askLive = () => {}
let panels = null
const props = {} // of each site, a promise of their names

const start = async () => {
  takeTokenFromAddress()
  await chooseLanguage(setting('language'))
  showTheme(setting('theme'))
  startState()
  useZone(actions.zone())
  renderHeader(state(), sites)
  showChoices()
  renderLive(null)
  renderMinutes(byId('minutes'), null)
  renderTiles(state(), null)
  document.documentElement.dataset.ready = ''
  onStateChange(changed)
  addEventListener('offline', () => stopped({ reason: 'offline' }))
  addEventListener('online', () => {
    endNotice('stats')
    if (panels) askAgain()
  })
  if (hasToken()) await enter()
  else await signIn('')
}

// Ask which sites there are and show the one of the state, else the last one, else the first.
const enter = async () => {
  document.documentElement.dataset.stage = 'in'
  try {
    ;({ sites } = await ask('sites'))
  } catch (error) {
    if (error.status === 401) return signIn(t('signInFailed'))
    stopped(error, enter)
    return
  }
  notice(null)
  const last = setting('site')
  const site = state().site || (sites.includes(last) ? last : sites[0]) || ''
  if (!site) return welcome()
  askLive = keepAsking((signal) => ask('realtime', { site: state().site }, signal), {
    answered: heardLive,
    failed: missedLive,
  })
  setInterval(tick, 1000)
  go({ site }, { replace: true })
}

const changed = (now, before) => {
  keepSetting('site', now.site)
  useZone(actions.zone())
  document.documentElement.dataset.view = now.view
  for (const view of ['overview', 'realtime', 'sessions', 'welcome'])
    byId(view).hidden = view !== now.view
  renderHeader(now, sites)
  showChoices()
  if (now.site !== before.site || !live.at) {
    live = { answer: null, at: 0, problem: null }
    showLive()
    askLive()
  }
  if (now.view === 'welcome') return welcome()
  panels?.showOpened(now, live.answer)
  if (now.view === 'realtime' || now.timezone !== before.timezone) showLive()
  if (now.view === 'overview') refresh()
  else loadPanels()
}

// An answer has told the site's zone.
const hearZone = (name) => {
  if (name && name !== siteZone) {
    siteZone = name
    keepSetting('zone', name)
    useZone(actions.zone())
    showChoices()
  }
  zoneKnown()
}

// The choices beside the filters are of the state; only what it leaves open is the answer's.
const showChoices = () => renderChoices(state(), shownNow()?.answer.period, actions.zone())
const shownNow = () => (shown?.key === keyOf(statsQuery(state())) ? shown : null)

// Stats

// Show the state: from an answer that is still fresh, else from a new one.
const refresh = async ({ force = false } = {}) => {
  const now = state()
  if (!now.site) return
  const query = statsQuery(now)
  const known = answers.get(keyOf(query))
  // Where nobody was, somebody may have come.
  const isFresh = known?.answer.totals.sessions && Date.now() - known.at < FRESH_FOR && !force
  if (known) show(known)
  if (isFresh) return loadPanels()
  asking?.abort()
  asking = new AbortController()
  const { signal } = asking
  if (!known) document.documentElement.toggleAttribute('data-loading', true)
  try {
    const answer = await ask('stats', query, signal)
    const found = { key: keyOf(query), answer, at: Date.now() }
    answers.delete(found.key)
    answers.set(found.key, found)
    if (answers.size > 20) answers.delete(answers.keys().next().value)
    endNotice('stats')
    show(found)
  } catch (error) {
    if (signal.aborted) return
    return stopped(error)
  } finally {
    if (!signal.aborted) document.documentElement.toggleAttribute('data-loading', false)
  }
  loadPanels()
}

// What the view shows besides what is live, anew.
const askAgain = () =>
  state().view === 'overview'
    ? refresh({ force: true })
    : panels?.showOpened(state(), live.answer, { isAskedAgain: true })

const show = (found) => {
  const isNew = found !== shown
  shown = found
  const now = state()
  if (!now.timezone) hearZone(found.answer.period.timezone)
  renderTiles(now, found.answer)
  showChoices()
  renderFoot(found.answer)
  panels?.show(now, found.answer)
  if (isNew) announce(`${number(found.answer.totals.visitors)} ${t('visitors')}`)
  if (isNew && !found.answer.totals.sessions && !now.filters) checkFirstVisit()
}

// A site that never had a session needs the tracker, not an empty chart.
const checkFirstVisit = async () => {
  const { site } = state()
  const ever = await ask('stats', { site, period: 'all', dimensions: 'page', limit: 1 }).catch(
    () => null,
  )
  const isNew = ever && !ever.totals.sessions && !live.answer?.pageviews
  if (isNew && state().site === site && state().view === 'overview')
    go({ view: 'welcome' }, { replace: true })
}

// The names of the properties that the newest events carry; the API has no list of them.
const findProps = async () => {
  const { events } = await ask('events', { site: state().site, limit: 200 }).catch(() => ({
    events: [],
  }))
  return [...new Set(events.flatMap((event) => Object.keys(event.props ?? {})))].sort()
}

Object.assign(actions, {
  ask: (changes) =>
    ask('stats', {
      ...statsQuery(state()),
      ...changes,
      dimensions: listed(changes.dimensions),
    }),
  refresh: () => {
    askLive()
    askAgain()
  },
  // Unless the state is ahead of what is shown: its answer is on the way.
  showAgain: () => shownNow() && show(shown),
  signOut: () => {
    forgetToken()
    location.reload()
  },
  showTheme: (theme) => showTheme(theme),
  showHelp: async () => (await import('./dashboard_keys.js')).showHelp(),
  say: (words) => {
    notice(words && h('p', {}, words), 'said')
    setTimeout(() => endNotice('said'), 4000)
  },
  zone: () => state().timezone || siteZone,
  siteZone: () => siteZone,
  whenZoneKnown,
  findProps: () => (props[state().site] ??= findProps()),
})

const loadPanels = async () => {
  if (panels) return
  const [loaded] = await Promise.all([
    import('./dashboard_panels.js'),
    addStyles('dashboard_panels.css'),
    addStyles('uPlot.min.css'),
  ])
  panels = loaded
  panels.startPanels()
  if (shown) panels.show(state(), shown.answer)
  panels.showOpened(state(), live.answer)
}

// Live

const heardLive = (answer) => {
  live = { answer, at: Date.now(), problem: null }
  hearZone(answer.timezone)
  endNotice('live')
  showLive()
}

const missedLive = (error, delay) => {
  live.problem = error
  zoneKnown()
  if (error.status === 401) return signIn(t('signInFailed'))
  showLive()
  if (live.answer)
    notice(
      h('p', {}, problemWords(error), ' ', t('liveFailed', { time: duration(delay / 1000) })),
      'live',
    )
}

const showLive = () => {
  renderLive(live.answer, live.at, live.problem)
  renderMinutes(byId('minutes'), live.answer)
  if (state().view === 'realtime') panels?.showOpened(state(), live.answer)
}

// Once a second: the age of the live number; once a minute: the figures, where now is in them.
const tick = () => {
  if (document.hidden || !hasToken()) return
  renderLive(live.answer, live.at, live.problem)
  const isRunning = shown?.answer.series.some((row) => row.partial)
  if (isRunning && Date.now() - shown.at > FRESH_FOR && state().view === 'overview') {
    shown.at = Date.now()
    refresh({ force: true })
  }
}

// States

const problemWords = (error) => {
  if (error.reason === 'offline')
    return t('error_offline', {
      time: clock(shown?.answer.meta.generated_at ?? new Date().toISOString()),
    })
  if (error.reason) return t(`error_${error.reason}`)
  if (error.status === 429) return t('error_limit')
  return error.message || t('error_other', { status: error.status })
}

const stopped = (error, again = () => refresh({ force: true })) => {
  if (error.status === 401) return signIn(t('signInFailed'))
  notice(
    h('p', {}, h('b', {}, t('errorTitle')), ' ', problemWords(error)),
    'stats',
    h(
      'button',
      {
        type: 'button',
        onclick: () => {
          notice(null)
          again()
        },
      },
      t('retry'),
    ),
  )
}

const notice = (words, about = '', ...rest) => {
  byId('notices').dataset.about = about
  byId('notices').replaceChildren(
    ...(words ? [h('div', { class: 'notice' }, words, ...rest)] : []),
  )
}

// What a notice was about has passed.
const endNotice = (about) => byId('notices').dataset.about === about && notice(null)

const signIn = async (why) => {
  forgetToken()
  const { showSignIn } = await import('./dashboard_welcome.js')
  showSignIn(why, () => location.reload())
}

const welcome = async () => {
  const { showWelcome } = await import('./dashboard_welcome.js')
  showWelcome(state().site)
}

// Light, dark, or null for as the system has it.
const showTheme = (theme) => {
  if (theme) document.documentElement.dataset.theme = theme
  else delete document.documentElement.dataset.theme
  panels?.themeChanged()
}

start()
