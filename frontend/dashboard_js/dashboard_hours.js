// The hours of the week as a grid of 7 by 24, the busiest the darkest. `value` is the hour of the
// week: 0 is Monday, midnight to one.

import { h, iconButton, setText, tipOn } from './dashboard_dom.js'
import { hourName, number, t, weekdays, zoneName } from './dashboard_texts.js'

export const hoursCard = () =>
  h(
    'section',
    { class: 'panel card', id: 'card-hours', 'aria-labelledby': 'title-hours' },
    h(
      'div',
      { class: 'card-head' },
      h('h2', { class: 'card-title', id: 'title-hours' }, t('hours')),
      h('span', { class: 'zone' }),
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
    h(
      'div',
      { class: 'card-foot' },
      h('p', { class: 'busiest quiet' }),
      iconButton('download', t('exportCsv'), async () =>
        (await import('./dashboard_export.js')).exportCard('hour_of_week'),
      ),
    ),
  )

const hourCell = (day, row, hour) => {
  const cell = h('td', {}, h('span', { class: 'unseen' }, number(0)))
  cell.dataset.hour = row * 24 + hour
  tipOn(cell, () => t('hourCell', { day, hour: hourName(hour), n: cell.visitors ?? 0 }))
  return cell
}

export const renderHours = (element, answer) => {
  const { rows } = answer.breakdowns.hour_of_week
  const label = element.querySelector('.zone')
  setText(label, t('timesIn', { zone: zoneName() }))
  label.title = label.textContent
  const visitors = new Map(rows.map((row) => [String(row.value), row.visitors]))
  const most = Math.max(1, ...visitors.values())
  for (const cell of element.querySelectorAll('td[data-hour]')) {
    const n = visitors.get(cell.dataset.hour) ?? 0
    cell.style.setProperty('--heat', n / most)
    cell.visitors = n
    setText(cell.firstChild, number(n))
  }
  const busiest = rows.find((row) => row.visitors === most)
  setText(
    element.querySelector('.busiest'),
    busiest ? t('busiest', { ...hourOfWeek(busiest.value), n: busiest.visitors }) : '',
  )
  element.querySelector('.download').disabled = !busiest
}

const hourOfWeek = (value) => ({
  day: weekdays({ long: true })[Math.floor(value / 24)],
  hour: hourName(value % 24),
})
