// The hours of the week as a grid of 7 by 24, the busiest the darkest.

import { h, setText, tipOn } from './dashboard_dom.js'
import { actions } from './dashboard_state.js'
import { hourName, number, t, weekdays } from './dashboard_texts.js'

// Whether the grid is on the screen; what is not seen is not asked for.
let isHoursSeen = false
const hoursWatcher = new IntersectionObserver((entries) => {
  isHoursSeen = entries.at(-1).isIntersecting
  if (isHoursSeen) actions.showAgain()
})

export const hoursCard = () => {
  const card = buildHours()
  hoursWatcher.observe(card)
  return card
}

const buildHours = () =>
  h(
    'section',
    { class: 'panel card', id: 'card-hours', 'aria-labelledby': 'title-hours' },
    h(
      'div',
      { class: 'card-head' },
      h('h2', { class: 'card-title', id: 'title-hours' }, t('hours')),
    ),
    h(
      'div',
      { class: 'hours' },
      h(
        'table',
        { class: 'hours-table' },
        h('caption', { class: 'unseen' }, t('hours')),
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            h('td', { class: 'corner' }),
            ...[...Array(24).keys()].map((hour) =>
              h(
                'th',
                { scope: 'col' },
                hour % 6
                  ? h('span', { class: 'unseen' }, hourName(hour))
                  : hourName(hour).slice(0, 2),
              ),
            ),
          ),
        ),
        h(
          'tbody',
          {},
          ...weekdays().map((day, row) =>
            h(
              'tr',
              {},
              h('th', { scope: 'row' }, day),
              ...[...Array(24).keys()].map((hour) => hourCell(day, row, hour)),
            ),
          ),
        ),
      ),
    ),
  )

const hourCell = (day, row, hour) => {
  const cell = h('td', {}, h('span', { class: 'unseen' }, '0'))
  cell.dataset.hour = row * 24 + hour
  tipOn(cell, () => t('hourCell', { day, hour: hourName(hour), visitors: cell.textContent }))
  return cell
}

// `value` is the hour of the week: 0 is Monday, midnight to one.
export const renderHours = (element, answer) => {
  const { rows, total } = answer.breakdowns.hour_of_week
  if (rows.length < total && isHoursSeen && !answer.hoursAsked) fetchHours(answer)
  const visitors = new Map(rows.map((row) => [String(row.value), row.visitors]))
  const most = Math.max(1, ...visitors.values())
  for (const cell of element.querySelectorAll('td[data-hour]')) {
    const n = visitors.get(cell.dataset.hour) ?? 0
    cell.style.setProperty('--heat', n / most)
    setText(cell.firstChild, number(n))
  }
}

// The answer held only the first of the 168 hours: ask for all of them, of the same state.
const fetchHours = async (answer) => {
  answer.hoursAsked = true
  const found = await actions
    .ask({ dimensions: 'hour_of_week', limit: 168, compare: '' })
    .catch(() => null)
  if (found) answer.breakdowns.hour_of_week = found.breakdowns.hour_of_week
  actions.showAgain()
}
