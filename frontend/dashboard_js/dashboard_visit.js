// How a session is shown in a line: who, from where, doing what. Shared by the activity feed and
// the list of sessions.

import { h, icon, setText } from './dashboard_dom.js'
import { countryMark, paint } from './dashboard_marks.js'
import { ago, duration, moment, pageName, plain, t, valueName } from './dashboard_texts.js'

const ACTIVE_FOR = 5 * 60_000

// A round sign for a visitor, always of the same colour for the same session.
export const face = (session) => {
  const device =
    session.device === 'mobile' || session.device === 'tablet' ? session.device : 'desktop'
  const sign = h('span', { class: 'face', 'aria-hidden': 'true' }, icon(device))
  paint(sign, session.session_id)
  return sign
}

export const cameFrom = (session) => {
  const source = session.source ?? session.utm_source ?? hostOf(session.referrer)
  return source ? t('cameFrom', { source: plain(source) }) : t('cameDirectly')
}

// The host of a referrer; anything that is no URL stays as it is.
const hostOf = (referrer) => {
  try {
    return new URL(referrer).hostname.replace(/^www\./, '') || referrer
  } catch {
    return referrer
  }
}

// Flag and name of the country, browser and system, as far as they are known.
export const whoWords = (session) =>
  [
    session.country &&
      h(
        'span',
        { class: 'country' },
        countryMark(session.country),
        ' ',
        valueName('country', session.country),
      ),
    [session.browser, session.os].filter(Boolean).join(', ') ||
      (session.language ? valueName('language', session.language) : null),
  ].filter(Boolean)

export const didWords = (session) =>
  [
    t('viewed', { n: session.page_count }),
    session.events ? t('didEvents', { n: session.events }) : null,
    session.duration ? duration(session.duration) : null,
  ].filter(Boolean)

export const isHere = (session) =>
  session.is_active && Date.now() - Date.parse(session.last_activity) < ACTIVE_FOR

// A button that opens the session; `update(button, session)` brings it up to date.
export const createVisit = (open) =>
  h('button', {
    type: 'button',
    class: 'visit',
    onclick: (event) => open(event.currentTarget.dataset.session),
  })

export const updateVisit = (button, session) => {
  const signature = JSON.stringify(session)
  if (button.dataset.shows !== signature) {
    button.dataset.shows = signature
    button.dataset.session = session.session_id
    const words = [...whoWords(session), cameFrom(session), ...didWords(session)].flatMap(
      (part, index) => [index ? ' · ' : '', h('bdi', { dir: 'ltr' }, part)],
    )
    const page = pageName(session.current_page ?? session.exit_page ?? session.entry_page)
    button.replaceChildren(
      face(session),
      h(
        'span',
        {},
        h(
          'span',
          { class: 'line' },
          h('span', { class: 'page', title: page }, page),
        ),
        h('span', { class: 'line quiet' }, h('span', {}, ...words)),
      ),
      h(
        'span',
        { class: 'when' },
        h('span', { class: 'dot', 'aria-hidden': 'true' }),
        h('span', { class: 'ago' }),
      ),
    )
  }
  button.querySelector('.dot').classList.toggle('on', Boolean(isHere(session)))
  setText(button.querySelector('.ago'), ago(session.last_activity))
  button.querySelector('.ago').title = moment(session.last_activity)
}
