// The header: sites, views, filter pills, and the choices of period and comparison.

import { addStyles, byId, h, icon, reconcile, setAttributes, setText } from './dashboard_dom.js'
import {
  addDays,
  datesOf,
  formatFilters,
  go,
  parseFilters,
  spanOf,
  state,
  steppedPeriod,
  todayIn,
} from './dashboard_state.js'
import { dateRange, dimensionName, t, valueName, zoneName } from './dashboard_texts.js'

const VIEWS = ['overview', 'realtime', 'sessions']

// Open one of the menus, whose code comes when it is first needed.
export const openMenu = async (name, button, ...rest) => {
  const code =
    name === 'filterEditor' ? import('./dashboard_filters.js') : import('./dashboard_menus.js')
  const [menus] = await Promise.all([code, addStyles('dashboard_panels.css')])
  return menus[name](button, ...rest)
}

export const renderHeader = (now, sites) => {
  document
    .querySelectorAll('[data-text]')
    .forEach((element) => setText(element, t(element.dataset.text)))
  document
    .querySelectorAll('[data-label]')
    .forEach((element) => element.setAttribute('aria-label', t(element.dataset.label)))
  renderSites(now, sites)
  reconcile(byId('views'), VIEWS, {
    key: (view) => view,
    create: (view) =>
      h('a', { href: '#', onclick: (event) => follow(event, { view, session: '' }) }),
    update: (link, view) => {
      setText(link, t(view))
      setAttributes(link, { 'aria-current': now.view === view ? 'page' : null })
    },
  })
  byId('controls').hidden = now.view === 'realtime'
  renderPills(now)
}

const follow = (event, changes) => {
  if (event.metaKey || event.ctrlKey) return
  event.preventDefault()
  go(changes)
}

const renderSites = (now, sites) => {
  const list = byId('site')
  const names = sites.includes(now.site) || !now.site ? sites : [now.site, ...sites]
  reconcile(list, names.length ? names : [''], {
    key: (name) => name,
    create: (name) => h('option', { value: name }, name || t('noSites')),
    update: (option, name) => (option.selected = name === now.site),
  })
  list.title = now.site
  list.onchange = () => {
    const view = state().view === 'welcome' ? 'overview' : state().view
    go({ site: list.value, view, filters: '', session: '', all: '' })
  }
  byId('menu-button').onclick = () => openMenu('mainMenu', byId('menu-button'))
  byId('live').onclick = () =>
    go({ view: state().view === 'realtime' ? 'overview' : 'realtime' })
}

const renderPills = (now) => {
  const filters = parseFilters(now.filters)
  reconcile(byId('pills'), filters, {
    key: (filter) => formatFilters([filter]),
    create: (filter) => {
      const name = filterName(filter)
      const without = () =>
        go({
          filters: formatFilters(
            parseFilters(state().filters).filter(
              (other) => formatFilters([other]) !== formatFilters([filter]),
            ),
          ),
        })
      const edit = h(
        'button',
        { type: 'button', class: 'pill-name', title: t('editFilter', { name }) },
        ...filterWords(filter),
      )
      edit.addEventListener('click', () => openMenu('filterEditor', edit, filter))
      return h(
        'span',
        { class: 'pill' },
        edit,
        h(
          'button',
          {
            type: 'button',
            class: 'pill-remove',
            'aria-label': t('removeFilter', { name }),
            onclick: without,
          },
          icon('close'),
        ),
      )
    },
    update: () => {},
  })
  if (filters.length > 1) {
    byId('pills').append(
      h(
        'button',
        { type: 'button', class: 'plain', 'data-key': '', onclick: () => go({ filters: '' }) },
        t('clearFilters'),
      ),
    )
  }
}

const filterWords = ({ dimension, operator, values }) => [
  dimensionName(dimension),
  ' ',
  h('span', { class: 'quiet' }, t(`op${operator}`)),
  ' ',
  h(
    'b',
    {},
    ...values.flatMap((value, index) => [
      index ? ` ${t('or')} ` : '',
      h('bdi', {}, valueName(dimension, value)),
    ]),
  ),
]
export const filterName = (filter) => h('span', {}, ...filterWords(filter)).textContent

// The choices beside the filters: of the state. Only where its dates are open, `period` of an
// answer tells them. `zone` says where today is.
export const renderChoices = (now, period, zone) => {
  const choices = byId('choices')
  if (!choices.children.length) choices.append(...choiceButtons())
  const [, earlier, , later] = choices.querySelectorAll('button')
  setText(byId('period-name'), now.period === 'custom' ? '' : t(now.period))
  // Which dates these are depends on the zone and, for some periods, on the answer. Until they
  // are known others keep their room.
  const today = todayIn(zone)
  const span = spanOf(now, today) ?? (period && datesOf(period))
  const room = span || { from: addDays(today, -1), to: today }
  setText(byId('period-dates'), dateRange(room.from, room.to))
  byId('period-dates').style.visibility =
    span && (zone || now.period === 'custom') ? '' : 'hidden'
  byId('period-button').title = zone ? t('datesIn', { zone: zoneName() }) : ''
  setText(byId('compare-name'), t(now.compare === 'off' ? 'off' : `vs${now.compare}`))
  // A click steps from the state of its moment, whatever has been drawn by then.
  const step = (direction) => steppedPeriod(state(), direction, todayIn(zone))
  for (const [button, direction] of [
    [earlier, -1],
    [later, 1],
  ]) {
    button.disabled = !step(direction)
    button.onclick = () => {
      const stepped = step(direction)
      if (stepped) go({ interval: '', ...stepped })
    }
  }
}

const choiceButtons = () => {
  const menu = (name, id, picture, label, ...content) => {
    const button = h(
      'button',
      { type: 'button', id, class: 'choice', 'aria-haspopup': 'dialog', 'aria-label': label },
      icon(picture),
      ...content,
    )
    button.addEventListener('click', () => openMenu(name, button))
    return button
  }
  const arrow = (picture, label) =>
    h(
      'button',
      { type: 'button', class: 'choice arrow', 'aria-label': t(label), title: t(label) },
      icon(picture),
    )
  return [
    menu('filterEditor', 'filter-button', 'filter', null, h('span', {}, t('filter'))),
    h(
      'span',
      { class: 'stepper' },
      arrow('left', 'earlier'),
      menu(
        'periodMenu',
        'period-button',
        'calendar',
        null,
        h('b', { id: 'period-name' }),
        h('span', { id: 'period-dates', class: 'quiet' }),
      ),
      arrow('right', 'later'),
    ),
    menu('compareMenu', 'compare-button', 'compare', null, h('span', { id: 'compare-name' })),
  ]
}
