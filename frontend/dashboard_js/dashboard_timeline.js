// One session, step by step: each page and event with its time and the gap before it, and why it ended.

import { ask } from './dashboard_api.js'
import { h, icon, iconButton } from './dashboard_dom.js'
import { actions, go, state } from './dashboard_state.js'
import {
  ago,
  clock,
  duration,
  moment,
  pageName,
  percent,
  plain,
  propName,
  t,
  valueName,
  zoneName,
} from './dashboard_texts.js'
import { cameFrom } from './dashboard_visit.js'
import { neighbours } from './dashboard_sessions.js'

const OWN_EVENTS = {
  outbound_link: 'link',
  file_download: 'download',
  form_submit: 'bolt',
  not_found: 'warning',
}
const FACTS = [
  'user_id',
  'country',
  'language',
  'device',
  'browser',
  'os',
  'screen',
  'referrer',
  'source',
  'channel',
  'utm_source',
  'utm_medium',
  'utm_campaign',
  'utm_term',
  'utm_content',
]

let drawer = null
let shown = ''

// Show the session that the state names, or none.
export const renderTimeline = async (now) => {
  if (!now.session) return drawer?.close()
  if (drawer?.open && shown === now.session) return
  shown = now.session
  drawer ??= document.body.appendChild(
    h('dialog', {
      class: 'drawer',
      'aria-labelledby': 'timeline-title',
      onclose: () => state().session && go({ session: '' }),
      onclick: (event) => event.target === drawer && drawer.close(),
    }),
  )
  fill(h('p', { class: 'rows-empty' }, t('loading')))
  if (!drawer.open) drawer.showModal()
  try {
    const [answer] = await Promise.all([
      ask(`sessions/${encodeURIComponent(now.session)}`, { site: now.site }),
      actions.whenZoneKnown,
    ])
    if (shown !== now.session) return
    fill(
      facts(answer.session),
      answer.timeline_complete ? null : h('p', { class: 'quiet partly' }, t('stepsOnly')),
      steps(answer.session, answer.timeline),
    )
  } catch (error) {
    fill(h('p', { class: 'rows-empty' }, error.message || t('errorTitle')))
  }
}

const fill = (...content) => {
  const [newer, older] = neighbours(shown)
  const beside = (id, name, label) =>
    iconButton(name, t(label), () => go({ session: id }, { replace: true }), { disabled: !id })
  drawer.replaceChildren(
    h(
      'div',
      { class: 'dialog-head' },
      h('h2', { id: 'timeline-title' }, t('session')),
      beside(newer, 'left', 'previousSession'),
      beside(older, 'right', 'nextSession'),
      iconButton('close', t('close'), () => drawer.close(), { autofocus: true }),
    ),
    h(
      'div',
      {
        class: 'dialog-body',
        tabindex: '0',
        role: 'region',
        'aria-labelledby': 'timeline-title',
      },
      ...content.filter(Boolean),
    ),
  )
}

const facts = (session) => {
  const known = FACTS.filter((name) => session[name])
  const words = [
    [t('started'), moment(session.start_time)],
    [t('zone'), zoneName()],
    [t('session_duration'), duration(session.duration)],
    [t('engaged_time'), duration(session.engaged_time)],
    ...known.map((name) => [
      name === 'user_id' ? t('user') : name.startsWith('utm_') ? t(name) : t(`one_${name}`),
      valueName(name, session[name]),
    ]),
  ]
  return h(
    'dl',
    { class: 'facts-grid' },
    ...words.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
  )
}

const timeOf = (event) => Date.parse(event.timestamp)

const steps = (session, timeline) => {
  const list = timeline.map((event, index) =>
    step(event, index && timeOf(event) - timeOf(timeline[index - 1])),
  )
  return h(
    'ol',
    { class: 'steps' },
    bead('globe', 'end', h('span', { class: 'quiet' }, cameFrom(session)), ''),
    ...list,
    bead('end', 'end', h('span', { class: 'quiet' }, ending(session)), ''),
  )
}

const bead = (picture, kind, what, when, ...more) =>
  h(
    'li',
    {},
    h('span', { class: 'bead', 'data-kind': kind }, icon(picture)),
    h('div', { class: 'what' }, what, ...more),
    h('span', { class: 'when' }, when),
  )

const step = (event, gap) => {
  const isPage = event.event_type === 'page_view'
  const notes = [
    gap >= 1000 ? t('gap', { time: duration(gap / 1000) }) : null,
    event.engaged_ms >= 1000 ? t('readFor', { time: duration(event.engaged_ms / 1000) }) : null,
    event.scroll_depth ? t('scrolled', { share: percent(event.scroll_depth / 100, 0) }) : null,
  ].filter(Boolean)
  const props = Object.entries(event.props ?? {})
  return bead(
    isPage ? 'page' : ((Object.hasOwn(OWN_EVENTS, event.event_type) && OWN_EVENTS[event.event_type]) || 'bolt'),
    isPage ? 'page' : 'event',
    h(
      'div',
      {},
      h('b', {}, isPage ? pageName(event.page) : plain(event.event_type)),
      isPage ? '' : h('span', { class: 'quiet' }, ' ', h('bdi', {}, pageName(event.page))),
    ),
    h('span', { title: moment(event.timestamp) }, clock(event.timestamp, { seconds: true })),
    event.title ? h('div', { class: 'quiet' }, plain(event.title)) : null,
    props.length
      ? h(
          'div',
          { class: 'props' },
          ...props.map(([name, value]) => h('span', {}, `${plain(name)}: `, h('bdi', {}, propName(value)))),
        )
      : null,
    h('div', { class: 'gap' }, notes.join(' · ')),
  )
}

const ending = (session) => {
  if (session.is_active && Date.parse(session.expires_at) <= Date.now()) return t('closing')
  if (session.is_active) return t('stillOpen', { time: ago(session.expires_at) })
  const known = ['timeout', 'longest', 'limit'].includes(session.ended_by)
  return known
    ? t(`ended${session.ended_by}`)
    : t('endedOther', { reason: session.ended_by ?? '–' })
}
