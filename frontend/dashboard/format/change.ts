// The change of a metric against the comparison: an arrow, a percentage, and whether it is good.

import { cached } from '../i18n/locale'
import { t } from '../i18n/translate'
import type { AnyMetric } from './numbers'

// Beyond this, a percentage says only that there was next to nothing before.
const MAX_SHARE = 9.99

export interface Change {
  arrow: '▲' | '▼' | '='
  text: string
  tone: 'good' | 'bad' | 'neutral'
}

/** Null if one of the values is not known. */
export const formatChange = (
  metric: AnyMetric,
  value: number | null | undefined,
  before: number | null | undefined,
): Change | null => {
  if (value === null || value === undefined) return null
  if (before === null || before === undefined) return null
  if (value === before) return { arrow: '=', text: t('unchanged'), tone: 'neutral' }
  if (!before) return { arrow: '▲', text: t('isNew'), tone: 'neutral' }
  const rises = value > before
  const isGood = metric === 'bounce_rate' ? !rises : rises
  return {
    arrow: rises ? '▲' : '▼',
    text: formatSignedPercent(value / before - 1),
    tone: isGood ? 'good' : 'bad',
  }
}

const formatSignedPercent = (share: number): string => {
  const isHuge = share > MAX_SHARE
  const options: Intl.NumberFormatOptions = {
    style: 'percent',
    signDisplay: 'exceptZero',
    maximumFractionDigits: Math.abs(share) < 0.1 ? 1 : 0,
  }
  const format = cached('number', options, (name) => new Intl.NumberFormat(name, options))
  return (isHuge ? '>' : '') + format.format(isHuge ? MAX_SHARE : share)
}
