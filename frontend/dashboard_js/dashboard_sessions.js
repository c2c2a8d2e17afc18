// The sessions of a period, newest first, with what is asked of /api/sessions page by page.

import { ask } from './dashboard_api.js'
import { byId, h, reconcile, setText } from './dashboard_dom.js'
import { actions, go } from './dashboard_state.js'
import { clock, dayName, duration, moment, number, pageName, t, zoneName } from './dashboard_texts.js'
import { cameFrom, face, isHere, whoWords } from './dashboard_visit.js'

const PAGE = 50
let list = null // {query, sessions, cursor, problem}

// Show the list of the state; asks only for what is not there yet.
export const renderSessions = (root, now, { isAskedAgain = false } = {}) => {
  const query = {
    site: now.site,
    period: now.period,
    from: now.period === 'custom' ? now.from : '',
    to: now.period === 'custom' ? now.to : '',
    filters: now.filters,
    timezone: now.timezone,
  }
  if (!root.children.length) root.append(build())
  if (
    list &&
    !isAskedAgain &&
    JSON.stringify(list.query) === JSON.stringify(query) &&
    Date.now() - list.at < 60_000
  )
    return
  list = { query, sessions: [], cursor: '', problem: '', at: Date.now() }
  load()
}

// The sessions beside one, for going from one to the next.
export const neighbours = (id) => {
  const ids = (list?.sessions ?? []).map((session) => session.session_id)
  const at = ids.indexOf(id)
  return at < 0 ? [] : [ids[at - 1], ids[at + 1]]
}

const build = () =>
  h(
    'section',
    { class: 'panel', 'aria-labelledby': 'sessions-title' },
    h(
      'div',
      { class: 'sessions-head' },
      h('h2', { id: 'sessions-title' }, t('sessionsOf')),
      h('span', { class: 'quiet', role: 'status' }),
      h('span', { class: 'zone' }),
    ),
    h(
      'div',
      { class: 'sessions-scroll' },
      h(
        'table',
        { class: 'figures-table sessions-table' },
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            ...['started', 'visitorFrom', 'way', 'pageviews', 'events', 'session_duration'].map(
              (name) =>
                h(
                  'th',
                  { scope: 'col', class: `c-${name}` },
                  t(name === 'session_duration' ? 'lasted' : name),
                ),
            ),
          ),
        ),
        h('tbody', {}),
      ),
    ),
    h('p', { class: 'rows-empty', hidden: true }),
    h(
      'div',
      { class: 'sessions-foot', hidden: true },
      h('button', { type: 'button', class: 'choice', onclick: () => load() }, t('loadMore')),
    ),
  )

const load = async () => {
  const mine = list
  const root = byId('sessions')
  if (!mine.sessions.length) root.classList.add('waits')
  try {
    const [answer] = await Promise.all([
      ask('sessions', { ...mine.query, limit: PAGE, cursor: mine.cursor }),
      actions.whenZoneKnown,
    ])
    if (mine !== list) return
    mine.sessions.push(...(answer.sessions ?? []))
    mine.cursor = answer.cursor ?? ''
    mine.problem = ''
  } catch (error) {
    if (mine !== list) return
    mine.problem = error.message || t('errorTitle')
  }
  root.classList.remove('waits')
  fill(root)
}

const fill = (root) => {
  const { sessions, cursor, problem } = list
  let day = ''
  reconcile(root.querySelector('tbody'), sessions, {
    key: (session) => session.session_id,
    create: createRow,
    update: (line, session) => {
      const date = dayName(session.start_time)
      const open = line.querySelector('.open')
      setText(open, clock(session.start_time))
      open.title = moment(session.start_time)
      setText(line.querySelector('.day'), date === day ? '' : date)
      day = date
    },
  })
  setText(root.querySelector('.zone'), t('timesIn', { zone: zoneName() }))
  setText(
    root.querySelector('[role="status"]'),
    cursor ? t('newest', { n: sessions.length }) : number(sessions.length),
  )
  const empty = root.querySelector('.rows-empty')
  empty.hidden = sessions.length > 0 && !problem
  setText(empty, problem || t('noSessions'))
  root.querySelector('.sessions-foot').hidden = !cursor
}

const createRow = (session) => {
  const open = h('button', {
    type: 'button',
    class: 'open',
    onclick: () => go({ session: session.session_id }),
  })
  const way = [session.entry_page]
  if (session.exit_page && session.exit_page !== session.entry_page) way.push(session.exit_page)
  return h(
    'tr',
    {},
    h(
      'th',
      { scope: 'row', class: 'c-started' },
      h('span', { class: 'day' }),
      open,
      isHere(session) ? h('span', { class: 'dot on', title: t('isActive') }) : null,
    ),
    h(
      'td',
      { class: 'c-visitorFrom' },
      h(
        'div',
        { class: 'who' },
        face(session),
        h(
          'div',
          {},
          h(
            'div',
            {},
            ...whoWords(session).flatMap((part, index) => (index ? [' · ', part] : [part])),
          ),
          h('div', { class: 'quiet', title: cameFrom(session) }, cameFrom(session)),
        ),
      ),
    ),
    h(
      'td',
      { class: 'c-way' },
      ...way.map((page, index) =>
        h(
          'div',
          { class: index ? 'quiet' : null, title: pageName(page) },
          index ? '→ ' : '',
          pageName(page),
        ),
      ),
    ),
    h('td', { class: 'c-pageviews' }, number(session.page_count)),
    h('td', { class: 'c-events' }, number(session.events)),
    h(
      'td',
      { class: 'c-session_duration' },
      session.duration ? duration(session.duration) : '–',
    ),
  )
}
