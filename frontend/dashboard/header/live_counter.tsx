// How many visitors are on the site now, and how old that number is. It is in the tab's title too.

import { useEffect, useReducer } from 'preact/hooks'
import { formatDuration, formatNumber } from '../format/numbers'
import { t } from '../i18n/translate'
import { live, type Live } from '../answers/live'
import { navigate, useUrlState } from '../state/navigation'
import { useStore } from '../state/store'

const STALE_MS = 40_000
const JUST_NOW_MS = 1_500

export const LiveCounter = () => {
  const state = useStore(live)
  const { site, view } = useUrlState()
  useEverySecond()
  const shown = describe(state)
  useEffect(() => {
    if (state.answer && view !== 'welcome') document.title = titleOf(shown, site)
  })
  return (
    <button
      class="live"
      id="live"
      type="button"
      data-state={shown.state}
      title={state.answer ? t('currentMeaning') : undefined}
      onClick={() => navigate({ view: view === 'realtime' ? 'overview' : 'realtime' })}
    >
      <span class="dot" aria-hidden="true" />
      <span class="live-words">
        {/* A new key starts the animation of a change. */}
        <strong id="live-count" class={state.answer ? 'changed' : ''} key={shown.count}>
          {shown.count}
        </strong>{' '}
        <span id="live-label">{t('current', { n: state.answer?.current_visitors ?? 0 })}</span>
        <small id="live-age">{shown.age}</small>
      </span>
    </button>
  )
}

interface Shown {
  state: 'waiting' | 'busy' | 'calm' | 'stale'
  count: string
  age: string
  visitors: number
}

const describe = ({ answer, receivedAt, hasFailed }: Live): Shown => {
  if (!answer) {
    const state = hasFailed ? 'stale' : 'waiting'
    return { state, count: '–', age: t(hasFailed ? 'errorTitle' : 'waiting'), visitors: 0 }
  }
  const ageMs = answer.age_seconds * 1000 + Date.now() - receivedAt
  const isStale = hasFailed || ageMs > STALE_MS
  const visitors = answer.current_visitors
  return {
    state: isStale ? 'stale' : visitors ? 'busy' : 'calm',
    count: formatNumber(visitors),
    age: ageText(ageMs, isStale),
    visitors,
  }
}

const ageText = (ageMs: number, isStale: boolean): string => {
  const age = formatDuration(ageMs / 1000)
  if (isStale) return t('stale', { age })
  return ageMs < JUST_NOW_MS ? t('updatedNow') : t('updated', { age })
}

const titleOf = ({ state, visitors }: Shown, site: string): string =>
  [state === 'stale' ? '' : t('liveTitle', { n: visitors }), site, 'LiveInsight']
    .filter(Boolean)
    .join(' · ')

const useEverySecond = (): void => {
  const [, renderAgain] = useReducer((count: number) => count + 1, 0)
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) renderAgain(undefined)
    }, 1000)
    return () => clearInterval(timer)
  }, [])
}
