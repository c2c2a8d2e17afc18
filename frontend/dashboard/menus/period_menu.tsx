// The choice of the period: one with a name, or two dates.

import { useLayoutEffect, useRef } from 'preact/hooks'
import { closeMenu, MenuItem, Popover } from '../components/popover'
import { zoneName } from '../format/times'
import { label, t } from '../i18n/translate'
import { addDays, todayIn } from '../query/dates'
import { PERIODS } from '../query/dimensions'
import { PERIOD_KEYS } from '../shortcuts'
import { navigate, useUrlState } from '../state/navigation'
import type { OpenMenu } from '../state/open_menu'
import { useCurrentZone } from '../state/time_zone'

export const PeriodMenu = ({ menu }: { menu: OpenMenu }) => {
  const state = useUrlState()
  return (
    <Popover menu={menu} label={t('period')}>
      {PERIODS.map((period) => (
        <MenuItem
          key={period}
          text={label('periods', period)}
          isChosen={state.period === period}
          shortcut={PERIOD_KEYS[period]}
          onSelect={() => navigate({ period, from: '', to: '', interval: '' })}
        />
      ))}
      <hr />
      <CustomRange hasFocus={menu.focusDates ?? false} />
    </Popover>
  )
}

const CustomRange = ({ hasFocus }: { hasFocus: boolean }) => {
  const { from, to } = useUrlState()
  const today = todayIn(useCurrentZone())
  const first = useRef<HTMLInputElement>(null)
  const last = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => {
    // After the menu has chosen what has the focus.
    if (hasFocus) queueMicrotask(() => first.current?.focus())
  }, [])
  const apply = (event: SubmitEvent) => {
    event.preventDefault()
    const dates = [first.current?.value ?? '', last.current?.value ?? ''].sort()
    closeMenu()
    navigate({ period: 'custom', from: dates[0] ?? '', to: dates[1] ?? '', interval: '' })
  }
  return (
    <form class="custom-dates" onSubmit={apply}>
      <div class="fields">
        <DateField name={t('from')} date={from || addDays(today, -6)} today={today} input={first} />
        <DateField name={t('to')} date={to || today} today={today} input={last} />
      </div>
      <small class="muted">{t('datesIn', { zone: zoneName() })}</small>
      <button class="main-button">{t('apply')}</button>
    </form>
  )
}

interface DateFieldProps {
  name: string
  date: string
  today: string
  input: { current: HTMLInputElement | null }
}

const DateField = ({ name, date, today, input }: DateFieldProps) => (
  <label class="field">
    {name}
    <input
      type="date"
      required
      max={date > today ? date : today}
      defaultValue={date}
      ref={input}
    />
  </label>
)
