// The metrics of the period, each with its change, and the footer that says what they are.

import { byId, h, reconcile, setText, tipOn } from './dashboard_dom.js'
import { go, METRICS } from './dashboard_state.js'
import { clock, figure, percent, t } from './dashboard_texts.js'

const MOST_SHARE = 9.99 // beyond, a percentage says only that there was next to nothing before

// Words and an arrow for a change, and whether it is good news; null where nothing can be said.
export const changeWords = (metric, value, before) => {
  if (value === null || value === undefined || before === null || before === undefined)
    return null
  if (value === before) return { arrow: '=', words: t('unchanged'), tone: 'even' }
  if (!before) return { arrow: '▲', words: t('wasNone'), tone: 'even' }
  const rise = value > before
  const [up, down] =
    metric === 'bounce_rate' || metric === 'views_per_session'
      ? ['higher', 'lower']
      : metric.endsWith('duration') || metric.endsWith('time')
        ? ['longer', 'shorter']
        : ['more', 'fewer']
  const share = Math.abs(value / before - 1)
  const isGood = metric === 'bounce_rate' ? !rise : rise
  return {
    arrow: rise ? '▲' : '▼',
    words: t(rise ? up : down, {
      change:
        share > MOST_SHARE ? `>${percent(MOST_SHARE, 0)}` : percent(share, share < 0.1 ? 1 : 0),
    }),
    tone: isGood ? 'good' : 'bad',
  }
}

export const renderTiles = (now, answer) => {
  reconcile(byId('tiles'), METRICS, {
    key: (metric) => metric,
    create: createTile,
    update: (tile, metric) => {
      const value = answer?.totals[metric]
      const before = answer?.previous?.[metric]
      tile.setAttribute('aria-pressed', String(now.metric === metric))
      const shown = tile.querySelector('data')
      shown.value = value ?? ''
      setText(shown, answer ? figure(metric, value) : ' ')
      const change = changeWords(metric, value, before)
      const note = tile.querySelector('.tile-change')
      note.dataset.tone = change?.tone ?? ''
      setText(note, change ? `${change.arrow} ${change.words}` : ' ')
      tile.tip = before === undefined ? null : t('before', { value: figure(metric, before) })
    },
  })
}

const createTile = (metric) => {
  const meaning = t(`${metric}Meaning`)
  const tile = h(
    'button',
    {
      type: 'button',
      class: 'tile',
      'aria-describedby': `meaning-${metric}`,
      onclick: () => go({ metric }, { replace: false }),
    },
    h('span', { class: 'tile-name' }, t(metric)),
    h('data', { class: 'tile-value' }),
    h('span', { class: 'tile-change' }),
    h('span', { class: 'unseen', id: `meaning-${metric}` }, meaning),
  )
  tipOn(tile, () => [
    h('div', {}, meaning),
    tile.tip ? h('div', { class: 'tip-more' }, tile.tip) : '',
  ])
  return tile
}

// Footer: what the figures are.
export const renderFoot = (answer) => {
  const { period, meta } = answer
  const exactness = { exact: 'exact', estimate: 'estimate' }[meta.visitors_are] ?? 'sum'
  const sentences = [
    t(`footVisitors_${exactness}`),
    meta.open_sessions ? t('footOpen', { n: meta.open_sessions }) : null,
    t('footZone', { zone: period.timezone }),
    t('footGenerated', { time: clock(meta.generated_at, { seconds: true, date: true }) }),
  ]
  byId('foot').replaceChildren(h('p', {}, sentences.filter(Boolean).join(' ')))
}
