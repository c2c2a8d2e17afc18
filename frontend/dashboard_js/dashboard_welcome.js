// Before there is anything to show: signing in, and the first visit of a new site.

import { ask, keepToken } from './dashboard_api.js'
import { addStyles, announce, byId, h, icon } from './dashboard_dom.js'
import { go, state } from './dashboard_state.js'
import { t } from './dashboard_texts.js'

const LOOK_EVERY = 5_000

// Show only this, and nothing that would need figures.
const stage = async (name, ...content) => {
  await addStyles('dashboard_panels.css')
  document.documentElement.dataset.stage = name
  for (const view of document.querySelectorAll('.view')) view.hidden = view.id !== 'welcome'
  document.documentElement.dataset.view = 'welcome'
  byId('foot').replaceChildren()
  byId('notices').replaceChildren()
  byId('welcome').replaceChildren(h('section', { class: 'panel sheet' }, ...content))
}

// Ask for the token. `why` says why it is asked for again.
export const showSignIn = async (why, signedIn) => {
  document.title = `${t('signInTitle')} · LiveInsight`
  const problem = h('p', { class: 'problem', role: 'alert', hidden: !why }, why)
  const token = h('input', {
    id: 'token',
    type: 'password',
    autocomplete: 'current-password',
    spellcheck: 'false',
    required: true,
    'aria-describedby': 'token-why',
  })
  const forGood = h('input', { type: 'checkbox' })
  const submit = async (event) => {
    event.preventDefault()
    keepToken(token.value.trim(), forGood.checked)
    try {
      await ask('sites')
      signedIn()
    } catch (error) {
      problem.hidden = false
      problem.textContent =
        error.status === 401
          ? t('signInFailed')
          : error.message || t(`error_${error.reason || 'unreachable'}`)
      token.focus()
    }
  }
  await stage(
    'out',
    h('h1', {}, t('signInTitle')),
    h('p', { class: 'quiet', id: 'token-why' }, t('signInWhy')),
    problem,
    h(
      'form',
      { onsubmit: submit },
      // Under this name a password manager keeps the token.
      h('input', { autocomplete: 'username', value: 'LiveInsight', hidden: true }),
      h('label', { class: 'field' }, t('token'), token),
      h('label', { class: 'switch' }, forGood, t('keepSignedIn')),
      h('button', { class: 'main-button' }, t('signIn')),
    ),
  )
  token.focus()
}

let looking = 0

// Show how to install the tracker, and look for the first event until it is there.
export const showWelcome = async (site) => {
  document.title = `${t('welcomeTitle')} · LiveInsight`
  const here = document.baseURI.replace(/[?#].*$/, '')
  const tag = `<script defer src="${new URL('tracker.js', here)}"></script>`
  const call = `curl -A 'Mozilla/5.0 Chrome/137.0' -H 'Content-Type: application/json' \\\n  -d '{"event_type": "page_view", "page_url": "https://${site || 'example.com'}/"}' \\\n  ${new URL('events', here)}`
  await stage(
    'new',
    h('h1', {}, t('welcomeTitle')),
    h('p', {}, t('welcomeWhy', { site: site || t('yourSite') })),
    snippet(tag),
    h(
      'p',
      { class: 'waiting', role: 'status' },
      h('span', { class: 'dot on', 'aria-hidden': 'true' }),
      h('span', { id: 'waiting' }, t('welcomeWaiting')),
    ),
    h('p', { class: 'quiet' }, t('welcomeSelf')),
    h('p', {}, t('welcomeCurl')),
    snippet(call),
    state().view === 'welcome'
      ? h(
          'p',
          {},
          h(
            'button',
            { type: 'button', class: 'plain', onclick: () => go({ view: 'overview' }) },
            t('back'),
          ),
        )
      : null,
  )
  clearTimeout(looking)
  const isCounted = site && (await firstSite(site).catch(() => null))
  if (isCounted) byId('waiting').textContent = t('welcomeCounted', { site })
  else lookForFirstEvent(site)
}

const snippet = (text) => {
  const said = h('span', {}, t('copy'))
  const copy = async () => {
    await navigator.clipboard
      .writeText(text)
      .catch(() => getSelection().selectAllChildren(code))
    said.textContent = t('copied')
    announce(t('copied'))
  }
  const code = h('pre', { tabindex: '0' }, text)
  return h(
    'div',
    { class: 'snippet' },
    code,
    h(
      'div',
      {},
      h('button', { type: 'button', class: 'choice', onclick: copy }, icon('copy'), said),
    ),
  )
}

const lookForFirstEvent = async (site) => {
  looking = setTimeout(() => lookForFirstEvent(site), LOOK_EVERY)
  if (document.hidden || byId('welcome').hidden) return clearTimeout(looking)
  const arrived = await firstSite(site).catch(() => null)
  if (!arrived) return
  clearTimeout(looking)
  byId('waiting').textContent = t('welcomeArrived')
  setTimeout(() => {
    go({ site: arrived, view: 'realtime' }, { replace: true })
    if (!site) location.reload()
  }, 1200)
}

// The site that has had its first event: the one waited for, or the first that appears.
const firstSite = async (site) => {
  if (!site) return (await ask('sites')).sites[0]
  return (await ask('realtime', { site })).pageviews > 0 ? site : null
}
