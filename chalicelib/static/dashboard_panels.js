// The panels below the figures, and the way to those that open on demand.

import { renderCards } from './dashboard_cards.js'
import { redrawChart, renderChart } from './dashboard_chart.js'
import { byId } from './dashboard_dom.js'

// Show an answer of /api/stats in everything that is open.
export const show = (now, answer) => {
  if (now.view !== 'overview') return
  renderChart(byId('chart'), now, answer)
  renderCards(byId('cards'), now, answer)
}

export const showLive = () => {}

export const themeChanged = () => redrawChart()
