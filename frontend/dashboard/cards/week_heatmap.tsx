// The hours of the week as a grid of 7 by 24, the busiest the darkest. Hour 0 is Monday, midnight
// to one.

import type { Breakdown } from '../api/types'
import { IconButton } from '../components/icon'
import { tooltip } from '../components/tooltip'
import { formatNumber } from '../format/numbers'
import { hourName, weekdays, zoneName } from '../format/times'
import { label, t } from '../i18n/translate'
import { downloadBreakdown } from '../export/on_demand'

const HOURS = [...Array(24).keys()]
const LABEL_EVERY = 6

export const WeekHeatmap = ({ breakdown }: { breakdown: Breakdown | undefined }) => {
  const visitors = new Map(breakdown?.rows.map((row) => [Number(row.value), row.visitors]))
  const most = Math.max(1, ...visitors.values())
  const [busiest] = [...visitors].find(([, count]) => count === most) ?? []
  const times = t('timesIn', { zone: zoneName() })
  return (
    <section class="panel card" id="card-hours" aria-labelledby="title-hours">
      <div class="card-head">
        <h2 class="card-title" id="title-hours">
          {label('cards', 'hours')}
        </h2>
        <span class="zone" title={times}>
          {times}
        </span>
      </div>
      <div class="hours">
        <table class="hours-table">
          <caption class="visually-hidden">{label('cards', 'hours')}</caption>
          <thead>
            <tr>
              <td class="corner" />
              {HOURS.map((hour) => (
                <HourHeading key={hour} hour={hour} />
              ))}
            </tr>
          </thead>
          <tbody>
            {weekdays().map((day, index) => (
              <tr key={day}>
                <th scope="row">{day}</th>
                {HOURS.map((hour) => {
                  const hourOfWeek = index * 24 + hour
                  const count = visitors.get(hourOfWeek) ?? 0
                  return (
                    <td
                      key={hour}
                      data-hour={hourOfWeek}
                      style={{ '--heat': String(count / most) }}
                      {...tooltip(() => t('hourCell', { day, hour: hourName(hour), n: count }))}
                    >
                      <span class="visually-hidden">{formatNumber(count)}</span>
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div class="card-foot">
        <p class="busiest muted">{busiest !== undefined && busiestText(busiest, most)}</p>
        <IconButton
          icon="download"
          label={t('exportCsv')}
          disabled={busiest === undefined}
          onClick={() => void downloadBreakdown('hour_of_week')}
        />
      </div>
    </section>
  )
}

const HourHeading = ({ hour }: { hour: number }) => (
  <th scope="col">
    {hour % LABEL_EVERY === 0 ? (
      hourName(hour).slice(0, 2)
    ) : (
      <span class="visually-hidden">{hourName(hour)}</span>
    )}
  </th>
)

const busiestText = (hourOfWeek: number, visitors: number): string =>
  t('busiest', {
    day: weekdays({ long: true })[Math.floor(hourOfWeek / 24)] ?? '',
    hour: hourName(hourOfWeek % 24),
    n: visitors,
  })
