// What is said beside the pointer about one bucket of the chart.

import type uPlot from 'uplot'
import type { RefObject } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { zoneName } from '../format/times'
import { label, t } from '../i18n/translate'
import { describeBucket, zoomDates, type Series } from './series'

interface PlotTipProps {
  series: Series
  index: number
  plot: RefObject<uPlot | null>
  box: RefObject<HTMLElement | null>
}

export const PlotTip = ({ series, index, plot, box }: PlotTipProps) => {
  const tip = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    if (tip.current && plot.current && box.current)
      place(tip.current, plot.current, index, box.current.clientWidth)
  })
  const bucket = describeBucket(series, index)
  if (!bucket) return null
  const metric = label('metrics', series.metric)
  return (
    <div class="plot-tip" ref={tip}>
      <b>{bucket.name}</b>
      {series.period.interval === 'hour' && <div class="muted">{zoneName()}</div>}
      <dl>
        <dt>{bucket.isPartial ? `${metric} (${t('inProgress')})` : metric}</dt>
        <dd>{bucket.value}</dd>
        {bucket.previous && (
          <>
            <dt>{bucket.previous.name}</dt>
            <dd>{bucket.previous.value}</dd>
          </>
        )}
        {bucket.change && (
          <>
            <dt>{t('difference')}</dt>
            <dd>{`${bucket.change.arrow} ${bucket.change.text}`}</dd>
          </>
        )}
      </dl>
      {zoomDates(series, index, index) && <div class="hint">{t('zoomHint')}</div>}
    </div>
  )
}

/** Right of the bucket if there is room, else left of it. */
const place = (tip: HTMLElement, plot: uPlot, index: number, width: number): void => {
  const at = plot.valToPos(index, 'x') + plot.over.offsetLeft
  const fits = at + tip.offsetWidth + 24 < width
  tip.style.left = `${Math.max(4, fits ? at + 20 : at - tip.offsetWidth - 4)}px`
}
