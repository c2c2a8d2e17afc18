// The whole list of a dimension: searchable, sortable by any figure, in a dialog over the page.

import { announce, h, iconButton, reconcile, setAttributes, setText } from './dashboard_dom.js'
import { actions, go, isFilteredBy, state, toggledFilter } from './dashboard_state.js'
import { dimensionName, figure, isRest, rowName, t } from './dashboard_texts.js'
import { counted } from './dashboard_cards.js'
import { mark } from './dashboard_marks.js'

const COLUMNS = [
  'visitors',
  'sessions',
  'pageviews',
  'views_per_session',
  'bounce_rate',
  'session_duration',
  'engaged_time',
]
const PAGE = 100
const MOST = 1000

let dialog = null
let list = null // {dimension, query, search, rows, total, meta, sort, descending}

// Show the list that the state names, or none.
export const renderDetails = (now) => {
  if (!now.all) return dialog?.close()
  const query = JSON.stringify([
    now.all,
    now.site,
    now.period,
    now.from,
    now.to,
    now.filters,
    now.timezone,
  ])
  if (dialog?.open && list.query === query) return
  list = {
    dimension: now.all,
    query,
    search: '',
    rows: [],
    total: 0,
    meta: { cut: [] },
    sort: 'visitors',
    descending: true,
  }
  dialog ??= build()
  fill()
  if (!dialog.open) dialog.showModal()
  load()
}

const columns = () =>
  list.dimension === 'event' || list.dimension.startsWith('prop:')
    ? ['visitors', 'events', ...COLUMNS.slice(1)]
    : COLUMNS

const build = () => {
  let waiting = 0
  const searched = (event) => {
    clearTimeout(waiting)
    list.search = event.target.value.trim()
    waiting = setTimeout(load, 200)
  }
  const made = h(
    'dialog',
    {
      class: 'details',
      'aria-labelledby': 'details-title',
      onclose: () => state().all && go({ all: '' }),
    },
    h(
      'div',
      { class: 'dialog-head' },
      h('h2', { id: 'details-title' }),
      h('input', {
        type: 'search',
        autofocus: true,
        placeholder: t('search'),
        autocomplete: 'off',
        spellcheck: 'false',
        oninput: searched,
      }),
      iconButton('download', t('exportCsv'), download),
      iconButton('close', t('close'), () => dialog.close()),
    ),
    h(
      'div',
      {
        class: 'dialog-body',
        tabindex: '0',
        role: 'region',
        'aria-labelledby': 'details-title',
      },
      h(
        'table',
        { class: 'figures-table details-table' },
        h('thead', {}, h('tr', {})),
        h('tbody', {}),
      ),
    ),
    h(
      'div',
      { class: 'dialog-foot' },
      h('span', { role: 'status' }),
      h(
        'button',
        { type: 'button', class: 'plain', onclick: () => load({ more: true }) },
        t('loadMore'),
      ),
    ),
  )
  made.addEventListener('click', (event) => event.target === made && made.close())
  document.body.append(made)
  return made
}

const download = async () =>
  (await import('./dashboard_export.js')).exportCard(list.dimension, list.search)

// Ask for the first rows, for more of them, or, to sort by another figure, for as many as there may be.
const load = async ({ more = false, limit = PAGE } = {}) => {
  const mine = list
  const { search } = mine
  dialog.classList.toggle('loading', true)
  try {
    const { breakdowns, meta } = await actions.ask({
      dimensions: mine.dimension,
      search,
      limit,
      offset: more ? mine.rows.length : 0,
      compare: '',
    })
    if (mine !== list || search !== mine.search) return
    const found = breakdowns[mine.dimension] ?? { rows: [], total: 0 }
    Object.assign(mine, {
      rows: more ? [...mine.rows, ...found.rows] : found.rows,
      total: found.total,
      meta,
      problem: '',
    })
  } catch (error) {
    mine.problem = error.message || t('errorTitle')
  }
  dialog.classList.toggle('loading', false)
  fill()
}

const sortBy = async (column) => {
  list.descending = list.sort === column ? !list.descending : column !== 'value'
  list.sort = column
  if (list.rows.length < Math.min(list.total, MOST)) await load({ limit: MOST })
  fill()
  announce(`${column === 'value' ? dimensionName(list.dimension) : t(column)}`)
}

const sorted = () => {
  const { rows, sort, descending, dimension } = list
  const valueOf = (row) =>
    sort === 'value' ? rowName(dimension, row.value, list) : (row[sort] ?? -1)
  const order = (a, b) =>
    sort === 'value' ? valueOf(a).localeCompare(valueOf(b)) : valueOf(a) - valueOf(b)
  return [...counted(dimension, { rows })].sort((a, b) =>
    descending ? order(b, a) : order(a, b),
  )
}

const fill = () => {
  const { dimension, rows, total } = list
  const name = dimension.startsWith('prop:') ? dimensionName(dimension) : t(dimension)
  setText(dialog.querySelector('h2'), name)
  setAttributes(dialog.querySelector('input'), { 'aria-label': t('searchIn', { name }) })
  fillHead()
  reconcile(dialog.querySelector('tbody'), sorted(), {
    key: (row) => JSON.stringify([dimension, row.value, isRest(row.value, dimension, list)]),
    create: createRow,
    update: (line, row) => {
      line
        .querySelector('.value')
        .setAttribute(
          'aria-pressed',
          String(isFilteredBy(state().filters, dimension, row.value)),
        )
      columns().forEach((column, index) => {
        const cell = line.children[index + 1].firstChild
        cell.value = row[column] ?? ''
        setText(cell, figure(column, row[column]))
      })
    },
  })
  const isCut = list.sort !== 'visitors' && rows.length < total
  setText(
    dialog.querySelector('[role="status"]'),
    list.problem ||
      `${t('shown', { shown: rows.length, total })}${isCut ? ` · ${t('sortedAmong', { n: rows.length })}` : ''}`,
  )
  dialog.querySelector('.dialog-foot button').hidden = rows.length >= total
}

const fillHead = () => {
  reconcile(dialog.querySelector('thead tr'), ['value', ...columns()], {
    key: (column) => `${list.dimension} ${column}`,
    create: (column) =>
      h(
        'th',
        { scope: 'col' },
        h(
          'button',
          { type: 'button', class: 'sort', onclick: () => sortBy(column) },
          h('span', {}, column === 'value' ? dimensionName(list.dimension) : t(column)),
          h('span', { class: 'arrow', 'aria-hidden': 'true' }),
        ),
      ),
    update: (cell, column) => {
      const isSorted = list.sort === column
      cell.setAttribute(
        'aria-sort',
        isSorted ? (list.descending ? 'descending' : 'ascending') : 'none',
      )
      setText(cell.querySelector('.arrow'), isSorted ? (list.descending ? ' ▼' : ' ▲') : '')
    },
  })
}

const createRow = (row) => {
  const { dimension } = list
  const name = rowName(dimension, row.value, list)
  const filter = () =>
    go({ filters: toggledFilter(state().filters, dimension, row.value), all: '' })
  return h(
    'tr',
    {},
    h(
      'th',
      { scope: 'row' },
      h(
        'div',
        { class: 'value-cell' },
        mark(dimension, row.value),
        h(
          'button',
          {
            type: 'button',
            class: 'value',
            title: name,
            onclick: filter,
            disabled: isRest(row.value, dimension, list),
          },
          name,
        ),
      ),
    ),
    ...columns().map(() => h('td', {}, h('data', {}))),
  )
}
