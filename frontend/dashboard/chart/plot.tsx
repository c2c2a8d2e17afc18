// The chart as a line: read by pointer or arrow keys, zoomed by a click, a drag or Enter.

import type uPlot from 'uplot'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { t } from '../i18n/translate'
import { navigate } from '../state/navigation'
import { announce } from '../state/notices'
import { useStore } from '../state/store'
import { shownTheme } from '../state/theme'
import { drawPlot, fitPlot } from './plot_drawing'
import { PlotTip } from './plot_tip'
import { hasValues, readBucket, summarizeSeries, zoomDates, type Series } from './series'

export const Plot = ({ series }: { series: Series }) => {
  const box = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const [pointed, setPointed] = useState<number | null>(null)
  const theme = useTheme()

  const zoom = (first: number, last: number) => {
    const dates = zoomDates(series, first, last)
    if (dates) navigate({ period: 'custom', interval: '', ...dates })
  }

  // Draw again only if something changed that is seen.
  const drawing = JSON.stringify([series, theme])
  useLayoutEffect(() => {
    if (!canvas.current || !box.current) return
    const drawn = drawPlot(canvas.current, box.current, series, {
      onPoint: setPointed,
      onSelect: zoom,
    })
    plot.current = drawn
    return () => {
      drawn.destroy()
      plot.current = null
    }
  }, [drawing])
  useEffect(() => {
    if (!box.current) return
    const { current: shown } = box
    const observer = new ResizeObserver(() => plot.current && fitPlot(plot.current, shown))
    observer.observe(shown)
    return () => observer.disconnect()
  }, [])

  const pointAt = (index: number | null) => {
    plot.current?.setCursor({
      left: index === null ? -10 : plot.current.valToPos(index, 'x'),
      top: index === null ? -10 : 20,
    })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && pointed !== null) return zoom(pointed, pointed)
    const next = nextIndex(event.key, pointed, series.rows.length)
    if (next === null) return
    event.preventDefault()
    event.stopPropagation()
    pointAt(next)
    announce(readBucket(series, next))
  }
  return (
    <>
      <div
        class="plot"
        ref={box}
        tabIndex={0}
        role="application"
        aria-label={summarizeSeries(series)}
        aria-describedby="chart-help"
        onKeyDown={onKeyDown}
        onBlur={() => pointAt(null)}
        onMouseLeave={() => setPointed(null)}
      >
        <div ref={canvas} />
        {!hasValues(series) && <p class="plot-empty">{t('chartEmpty')}</p>}
        {pointed !== null && <PlotTip series={series} index={pointed} plot={plot} box={box} />}
      </div>
      <p class="visually-hidden" id="chart-help">
        {t('chartHelp')}
      </p>
    </>
  )
}

const nextIndex = (key: string, at: number | null, count: number): number | null => {
  const last = count - 1
  const from = at ?? last + 1
  const next = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: last }[key]
  return next === undefined ? null : Math.max(0, Math.min(last, next))
}

/** The theme that is seen: colours come from the stylesheet. */
const useTheme = (): string => {
  const theme = useStore(shownTheme)
  const query = matchMedia('(prefers-color-scheme: dark)')
  const [isDark, setDark] = useState(query.matches)
  useEffect(() => {
    const update = () => setDark(query.matches)
    query.addEventListener('change', update)
    return () => query.removeEventListener('change', update)
  }, [])
  return `${theme} ${isDark}`
}
