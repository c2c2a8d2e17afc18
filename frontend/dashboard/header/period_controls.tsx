// The buttons for filters, period and comparison, and the arrows to the periods beside.

import type { ComponentChildren } from 'preact'
import { Icon, type IconName } from '../components/icon'
import { formatDates, zoneName } from '../format/times'
import { label, t } from '../i18n/translate'
import { addDays, datesOfPeriod, spanOf, stepPeriod, todayIn } from '../query/dates'
import { cacheKey, statsQuery } from '../query/stats_query'
import { navigate, urlState, useUrlState } from '../state/navigation'
import { MENU_BUTTONS, openMenu, openMenuByName, type MenuName } from '../state/open_menu'
import { shownStats } from '../answers/stats'
import { useStore } from '../state/store'
import { currentZone, useCurrentZone } from '../state/time_zone'

export const PeriodControls = () => {
  const { compare } = useUrlState()
  return (
    <div class="choices" id="choices">
      <MenuButton menu="filter" icon="filter">
        <span>{t('filter')}</span>
      </MenuButton>
      <span class="stepper">
        <StepButton direction={-1} />
        <PeriodButton />
        <StepButton direction={1} />
      </span>
      <MenuButton menu="compare" icon="compare">
        <span id="compare-name">{label('versus', compare)}</span>
      </MenuButton>
    </div>
  )
}

interface MenuButtonProps {
  menu: MenuName
  icon: IconName
  title?: string | undefined
  children: ComponentChildren
}

const MenuButton = ({ menu, icon, title, children }: MenuButtonProps) => {
  const opened = useStore(openMenu)
  return (
    <button
      type="button"
      id={MENU_BUTTONS[menu]}
      class="choice"
      aria-haspopup="dialog"
      aria-expanded={opened?.name === menu}
      title={title}
      onClick={() => openMenuByName(menu)}
    >
      <Icon name={icon} />
      {children}
    </button>
  )
}

/** The period by name, with its dates. */
const PeriodButton = () => {
  const { period } = useUrlState()
  const zone = useCurrentZone()
  const dates = useShownDates()
  // Which dates these are depends on the zone and, for some periods, on the answer. Until they
  // are known, others keep their room.
  const today = todayIn(zone)
  const { from, to } = dates ?? { from: addDays(today, -1), to: today }
  const isKnown = dates !== null && (zone !== null || period === 'custom')
  return (
    <MenuButton
      menu="period"
      icon="calendar"
      title={zone ? t('datesIn', { zone: zoneName() }) : undefined}
    >
      <b id="period-name">{period === 'custom' ? '' : label('periods', period)}</b>
      <span
        id="period-dates"
        class="muted"
        style={isKnown ? undefined : { visibility: 'hidden' }}
      >
        {formatDates(from, to)}
      </span>
    </MenuButton>
  )
}

/** The dates of the state; where those are open, as for all time, those of its answer. */
const useShownDates = () => {
  const state = useUrlState()
  const shown = useStore(shownStats)
  const span = spanOf(state, todayIn(useCurrentZone()))
  if (span) return span
  return shown?.key === cacheKey(statsQuery(state)) ? datesOfPeriod(shown.answer.period) : null
}

const StepButton = ({ direction }: { direction: -1 | 1 }) => {
  const state = useUrlState()
  const name = t(direction < 0 ? 'previous' : 'next')
  // From the state of the moment: clicks may come faster than the page is drawn.
  const step = () => {
    const stepped = stepPeriod(urlState(), direction, todayIn(currentZone()))
    if (stepped) navigate({ interval: '', ...stepped })
  }
  return (
    <button
      type="button"
      class="choice arrow"
      aria-label={name}
      title={name}
      aria-disabled={!stepPeriod(state, direction, todayIn(useCurrentZone()))}
      onClick={step}
    >
      <Icon name={direction < 0 ? 'left' : 'right'} />
    </button>
  )
}
