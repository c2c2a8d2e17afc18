// The cards: the most frequent values of a dimension, as bars behind their names. A row filters
// the whole page by its value; a tab changes the dimension; "all" opens the whole list.

import { h, icon, iconButton, reconcile, setAttributes, setText } from './dashboard_dom.js'
import { hoursCard, renderHours } from './dashboard_hours.js'
import { mark } from './dashboard_marks.js'
import { CARDS, actions, go, isFilteredBy, state, toggledFilter } from './dashboard_state.js'
import { dimensionName, isRest, number, percent, rowName, t } from './dashboard_texts.js'

const HAS_NO_ROWS = { rows: [], total: 0 }
const asked = new Set()

// What counts: a session without an event or property is no row of those.
export const counted = (dimension, found) => {
  const rows = found?.rows ?? []
  return dimension === 'event' || dimension.startsWith('prop:')
    ? rows.filter((row) => row.value !== null)
    : rows
}

// Show all cards. A dimension that the answer lacks is asked for once.
export const renderCards = (root, now, answer) => {
  reconcile(root, [...Object.keys(CARDS), 'hours'], {
    key: (card) => card,
    create: (card) => (card === 'hours' ? hoursCard() : buildCard(card)),
    update: (element, card) =>
      card === 'hours'
        ? renderHours(element, answer)
        : renderCard(element, card, now, answer),
  })
}

const buildCard = (card) => {
  const open = () => go({ all: shownIn(card, state()) })
  const download = async () =>
    (await import('./dashboard_export.js')).exportCard(shownIn(card, state()))
  return h(
    'section',
    { class: 'panel card', id: `card-${card}`, 'aria-labelledby': `title-${card}` },
    h('h2', { class: 'unseen', id: `title-${card}` }, t(card)),
    h(
      'div',
      { class: 'card-head' },
      h('div', {
        class: 'tabs',
        role: 'tablist',
        'aria-labelledby': `title-${card}`,
        onkeydown: moveBetweenTabs,
      }),
    ),
    h('div', { class: 'column-names' }),
    h(
      'div',
      {
        class: 'rows',
        role: 'tabpanel',
        id: `rows-${card}`,
        'aria-labelledby': `title-${card}`,
      },
      h('ul', {}),
    ),
    h(
      'div',
      { class: 'card-foot' },
      h(
        'button',
        { type: 'button', class: 'plain expand', onclick: open },
        h('span', {}),
        icon('expand'),
      ),
      iconButton('download', t('exportCsv'), download),
    ),
  )
}

const shownIn = (card, now) => (now[card] === 'prop' ? `prop:${now.prop}` : now[card])

const renderCard = (element, card, now, answer) => {
  // One host is no choice.
  const tabs = Object.entries(CARDS[card]).filter(
    ([tab]) => tab !== 'hostname' || answer.breakdowns.hostname.total > 1 || now[card] === tab,
  )
  const chosen = tabs.find(([, names]) => names.includes(now[card])) ?? tabs[0]
  const dimension = chosen[1].includes(now[card]) ? shownIn(card, now) : chosen[1][0]
  renderTabs(element.querySelector('.tabs'), card, tabs, chosen[0])
  renderColumnNames(element.querySelector('.column-names'), card, chosen[1], dimension, now)
  const found = answer.breakdowns[dimension]
  if (!found && dimension !== 'prop:') fetchDimension(dimension, answer)
  renderRows(element.querySelector('.rows'), dimension, found, now, answer)
  const isCut = found && found.total > found.rows.length
  setText(
    element.querySelector('.expand span'),
    isCut ? t('allOf', { n: found.total }) : t('details'),
  )
  for (const button of element.querySelectorAll('.card-foot button'))
    button.disabled = !counted(dimension, found).length
}

const fetchDimension = async (dimension, answer) => {
  const key = JSON.stringify([dimension, answer.site, answer.period, answer.meta.generated_at])
  if (asked.has(key)) return
  asked.add(key)
  try {
    const { breakdowns, meta } = await actions.ask({ dimensions: dimension, compare: '' })
    answer.breakdowns[dimension] = breakdowns[dimension] ?? HAS_NO_ROWS
    answer.meta.cut.push(...meta.cut)
    actions.showAgain()
  } catch (error) {
    asked.delete(key)
    actions.say(error.message || t('errorTitle'))
  }
}

const renderTabs = (list, card, tabs, chosen) => {
  reconcile(list, tabs, {
    key: ([tab]) => tab,
    create: ([tab]) =>
      h('button', {
        type: 'button',
        role: 'tab',
        id: `tab-${card}-${tab}`,
        onclick: () =>
          go({ [card]: tab in CARDS[card] ? CARDS[card][tab][0] : tab }, { replace: true }),
      }),
    update: (button, [tab]) => {
      setText(button, t(tab))
      setAttributes(button, {
        'aria-selected': String(tab === chosen),
        tabindex: tab === chosen ? '0' : '-1',
        'aria-controls': `rows-${card}`,
      })
    },
  })
}

const moveBetweenTabs = (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
  if (!step) return
  event.preventDefault()
  event.stopPropagation()
  const tabs = [...event.currentTarget.children]
  const next = tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length]
  next.focus()
  next.click()
}

const renderColumnNames = (line, card, names, dimension, now) => {
  const signature = JSON.stringify([card, names, dimension])
  if (line.dataset.shows === signature) return
  line.dataset.shows = signature
  const [, second] = columns(dimension)
  line.replaceChildren(
    h(
      'span',
      {},
      dimension.startsWith('prop:')
        ? propChoice(now)
        : names.length > 1
          ? dimensionChoice(card, names, dimension)
          : dimensionName(dimension),
    ),
    h('span', {}, t('visitors')),
    h('span', { class: 'second' }, second === 'share' ? t('share') : t(second)),
  )
}

const dimensionChoice = (card, names, dimension) =>
  h(
    'select',
    {
      'aria-label': t('dimensionOf'),
      onchange: (event) => go({ [card]: event.target.value }, { replace: true }),
    },
    ...names.map((name) =>
      h('option', { value: name, selected: name === dimension }, dimensionName(name)),
    ),
  )

// The API lists no properties: offer those that the newest events carry, and take any name.
const propChoice = (now) => {
  const list = h('datalist', { id: 'prop-names' })
  actions.findProps().then((names) => {
    list.replaceChildren(...names.map((name) => h('option', { value: name })))
    if (!state().prop && names.length) go({ prop: names[0] }, { replace: true })
  })
  const input = h('input', {
    value: now.prop,
    list: 'prop-names',
    'aria-label': t('propHelp'),
    placeholder: t('propName'),
    title: t('propHelp'),
    onchange: (event) => go({ prop: event.target.value.trim() }, { replace: true }),
  })
  return h('span', {}, input, list)
}

const columns = (dimension) => [
  'visitors',
  dimension === 'event' || dimension.startsWith('prop:') ? 'events' : 'share',
]

const renderRows = (panel, dimension, found, now, answer) => {
  const list = panel.querySelector('ul')
  const rows = counted(dimension, found)
  const most = Math.max(1, ...rows.map((row) => row.visitors))
  const [, second] = columns(dimension)
  const lostFocus = reconcile(list, rows, {
    key: (row) =>
      JSON.stringify([dimension, row.value, isRest(row.value, dimension, answer)]),
    create: (row) => h('li', {}, createRow(dimension, row.value, answer)),
    update: (item, row) => {
      const button = item.firstChild
      const isChosen = isFilteredBy(now.filters, dimension, row.value)
      setAttributes(button, {
        'aria-pressed': isRest(row.value, dimension, answer) ? null : String(isChosen),
      })
      button.querySelector('i').style.width = `${(100 * row.visitors) / most}%`
      const count = button.querySelector('.count')
      count.value = row.visitors
      setText(count, number(row.visitors))
      setText(
        button.querySelector('.second'),
        second === 'share'
          ? percent(row.visitors / Math.max(1, answer.totals.visitors))
          : number(row.events),
      )
    },
  })
  if (lostFocus)
    document
      .querySelector(`#${panel.id.replace('rows', 'card')} [role=tab][tabindex="0"]`)
      ?.focus()
  panel.querySelector('.rows-empty')?.remove()
  if (found && !rows.length) panel.append(h('p', { class: 'rows-empty' }, t('nothingHere')))
}

const createRow = (dimension, value, answer) => {
  const name = rowName(dimension, value, answer)
  const filter = () => go({ filters: toggledFilter(state().filters, dimension, value) })
  const isAll = isRest(value, dimension, answer)
  return h(
    isAll ? 'div' : 'button',
    {
      type: isAll ? null : 'button',
      class: 'row',
      onclick: isAll ? null : filter,
      title: name,
    },
    h('i', {}),
    mark(dimension, value),
    h('span', { class: 'name' }, name),
    h('data', { class: 'count' }),
    h('span', { class: 'second' }),
  )
}
