// The cards: the most frequent values of a dimension each, and the hours of the week.

import { CARD_NAMES } from '../query/dimensions'
import type { ShownStats } from '../answers/stats'
import { BreakdownCard } from './breakdown_card'
import { WeekHeatmap } from './week_heatmap'

export const BreakdownCards = ({ shown }: { shown: ShownStats }) => (
  <>
    {CARD_NAMES.map((card) => (
      <BreakdownCard key={card} card={card} shown={shown} />
    ))}
    <WeekHeatmap breakdown={shown.answer.breakdowns['hour_of_week']} />
  </>
)
