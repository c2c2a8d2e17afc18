// Small icons before a name: a flag, a device, or an initial on a colour of its own.

import { flag } from '../format/names'
import { Icon, type IconName } from './icon'

const WITHOUT_VALUE = ['country', 'device', 'source']

export const ValueIcon = ({
  dimension,
  value,
}: {
  dimension: string
  value: string | number | null
}) => {
  if (!value) return WITHOUT_VALUE.includes(dimension) ? <IconMark name="globe" /> : null
  const text = String(value)
  if (dimension === 'country' || dimension === 'region')
    return <CountryIcon code={text.slice(0, 2)} />
  if (dimension === 'device') return <IconMark name={deviceIcon(text)} />
  return dimension === 'source' ? <Initial name={text} /> : null
}

const IconMark = ({ name }: { name: IconName }) => (
  <span class="mark">
    <Icon name={name} />
  </span>
)

export const deviceIcon = (device: string | null): IconName =>
  device === 'mobile' || device === 'tablet' ? device : 'desktop'

/** The flag of a country; its letters on systems that have no flags. */
export const CountryIcon = ({ code }: { code: string }) => (
  <span class="mark" aria-hidden="true">
    {hasFlags() ? flag(code) : <span class="code">{code}</span>}
  </span>
)

const Initial = ({ name }: { name: string }) => (
  <span class="mark" aria-hidden="true">
    <span class="monogram" style={coloursOf(name)}>
      {[...name][0]?.toUpperCase()}
    </span>
  </span>
)

/** Colours that are always the same for the same name. */
export const coloursOf = (name: string) => {
  const hue = [...name].reduce((sum, letter) => (sum * 67 + (letter.codePointAt(0) ?? 0) * 131) % 359, 7)
  return {
    background: `light-dark(hsl(${hue} 55% 90%), hsl(${hue} 30% 24%))`,
    color: `light-dark(hsl(${hue} 65% 25%), hsl(${hue} 60% 82%))`,
  }
}

let flags: boolean | null = null

const hasFlags = (): boolean => (flags ??= drawsFlags())

/** Whether a flag is drawn in colours, rather than as two letters. */
const drawsFlags = (): boolean => {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = 20
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) return false
  context.font = '16px sans-serif'
  context.fillText(flag('FR'), 0, 16)
  const { data } = context.getImageData(0, 0, 20, 20)
  return data.some((red, at) => at % 4 === 0 && Math.abs(red - (data[at + 2] ?? 0)) > 40)
}
