// One card: tabs choose the dimension, a row filters the page by its value, and "All" opens the
// whole list.

import { useEffect } from 'preact/hooks'
import type { Stats } from '../api/types'
import { Icon, IconButton } from '../components/icon'
import { downloadBreakdown } from '../export/on_demand'
import { label, t } from '../i18n/translate'
import { shownRows, tabsOf, type Card, type Tab } from '../query/dimensions'
import type { UrlState } from '../query/url_state'
import { navigate, useUrlState } from '../state/navigation'
import { addBreakdown, type ShownStats } from '../answers/stats'
import { BreakdownRows } from './breakdown_rows'
import { CardTabs } from './card_tabs'
import { ColumnNames } from './column_names'

export const BreakdownCard = ({ card, shown }: { card: Card; shown: ShownStats }) => {
  const state = useUrlState()
  const { answer } = shown
  const tabs = tabsToShow(card, state, answer)
  const { tab, dimensions, dimension } = chosenIn(card, tabs, state)
  const breakdown = answer.breakdowns[dimension]
  const isMissing = !breakdown && dimension !== 'prop:'
  useEffect(() => {
    if (isMissing) void addBreakdown(shown, dimension)
  }, [shown, dimension, isMissing])
  const isEmpty = shownRows(dimension, breakdown?.rows ?? []).length === 0
  const isTruncated = breakdown !== undefined && breakdown.total > breakdown.rows.length
  return (
    <section class="panel card" id={`card-${card}`} aria-labelledby={`title-${card}`}>
      <h2 class="visually-hidden" id={`title-${card}`}>
        {label('cards', card)}
      </h2>
      <div class="card-head">
        <CardTabs card={card} tabs={tabs.map(([name]) => name)} chosen={tab} />
      </div>
      <ColumnNames card={card} dimensions={dimensions} dimension={dimension} />
      <BreakdownRows card={card} dimension={dimension} answer={answer} />
      <div class="card-foot">
        <button
          type="button"
          class="plain expand"
          disabled={isEmpty}
          onClick={() => navigate({ all: dimension })}
        >
          <span>{isTruncated ? t('allOf', { n: breakdown.total }) : t('details')}</span>
          <Icon name="expand" />
        </button>
        <IconButton
          icon="download"
          label={t('exportCsv')}
          disabled={isEmpty}
          onClick={() => void downloadBreakdown(dimension)}
        />
      </div>
    </section>
  )
}

type Tabs = ReturnType<typeof tabsOf>

/** All tabs of a card, but hostnames only if there is a choice. */
const tabsToShow = (card: Card, state: UrlState, { breakdowns }: Stats): Tabs =>
  tabsOf(card).filter(
    ([tab]) =>
      tab !== 'hostname' || (breakdowns['hostname']?.total ?? 0) > 1 || state[card] === tab,
  )

interface Chosen {
  tab: Tab
  dimensions: readonly string[]
  dimension: string
}

/** The tab and dimension that the state names, or else the first. */
const chosenIn = (card: Card, tabs: Tabs, state: UrlState): Chosen => {
  const named = tabs.find(([, dimensions]) => dimensions.includes(state[card]))
  const [tab, dimensions] = named ?? tabs[0] ?? tabsOf(card)[0]!
  const choice = named ? state[card] : (dimensions[0] ?? '')
  return { tab, dimensions, dimension: choice === 'prop' ? `prop:${state.prop}` : choice }
}
