// The metrics of the period, each with its change. The chart shows the one that is pressed.

import type { Stats } from '../api/types'
import { tooltip } from '../components/tooltip'
import { formatChange } from '../format/change'
import { formatMetric } from '../format/numbers'
import { label, t } from '../i18n/translate'
import { METRICS, type Metric } from '../query/dimensions'
import { navigate, useUrlState } from '../state/navigation'

const NOTHING = '\u00a0' // keeps the line as high as it will be

export const MetricTiles = ({ answer }: { answer: Stats | null }) => {
  const chosen = useUrlState().metric
  return (
    <div class="tiles" id="tiles">
      {METRICS.map((metric) => (
        <Tile key={metric} metric={metric} answer={answer} isChosen={metric === chosen} />
      ))}
    </div>
  )
}

interface TileProps {
  metric: Metric
  answer: Stats | null
  isChosen: boolean
}

const Tile = ({ metric, answer, isChosen }: TileProps) => {
  const value = answer?.totals[metric]
  const before = answer?.previous?.[metric]
  const change = formatChange(metric, value, before)
  const meaning = label('metricMeanings', metric)
  const meaningId = `meaning-${metric}`
  return (
    <button
      type="button"
      class="tile"
      data-key={metric}
      aria-pressed={isChosen}
      aria-describedby={meaningId}
      onClick={() => navigate({ metric })}
      {...tooltip(() => (
        <>
          <div>{meaning}</div>
          {before !== undefined && (
            <div class="tip-more">{t('before', { value: formatMetric(metric, before) })}</div>
          )}
        </>
      ))}
    >
      <span class="tile-name">{label('metrics', metric)}</span>
      <data class="tile-value" value={value ?? ''}>
        {answer ? formatMetric(metric, value) : NOTHING}
      </data>
      <span class="tile-change" data-tone={change?.tone}>
        {change ? `${change.arrow} ${change.text}` : NOTHING}
      </span>
      <span class="visually-hidden" id={meaningId}>
        {meaning}
      </span>
    </button>
  )
}
