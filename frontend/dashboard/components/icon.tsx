// Icons are decoration: the text or the label beside one says what it means.

import type { ButtonHTMLAttributes } from 'preact'

const PATHS = {
  chevron: 'm4 6 4 4 4-4',
  left: 'M10 3.5 5.5 8l4.5 4.5',
  right: 'M6 3.5 10.5 8 6 12.5',
  close: 'm4 4 8 8m0-8-8 8',
  filter: 'M2 4h12M4.5 8h7M7 12h2',
  more: 'M3 8h.01M8 8h.01M13 8h.01',
  calendar:
    'M2.5 4.5a1 1 0 0 1 1-1h9a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1zM2.5 7h11M5.5 2v3M10.5 2v3',
  compare: 'M2 11c3 0 3-6 6-6s3 4 6 2M2 13.5h12',
  download: 'M8 2.5v7m-3-3 3 3 3-3M3 13h10',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  expand: 'M9.5 2.5h4v4M6.5 13.5h-4v-4M13 3 9 7M3 13l4-4',
  table: 'M2.5 3.5h11v9h-11zM2.5 6.5h11M2.5 9.5h11M6.5 6.5v6',
  page: 'M4 2.5h5l3 3v8H4zM9 2.5v3h3',
  bolt: 'M8.5 1.5 3.5 9H8l-.5 5.5 5-7.5H8z',
  link: 'M6.5 3.5h-3v9h9v-3M9 2.5h4.5V7M13 3 7.5 8.5',
  desktop: 'M2 3h12v8H2zM6 13.5h4M8 11v2.5',
  mobile: 'M4.5 2h7v12h-7zM7.5 12h1',
  tablet: 'M3 2h10v12H3zM7 12h2',
  globe: 'M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0zM2 8h12M8 2c4 4 4 8 0 12M8 2c-4 4-4 8 0 12',
  end: 'M4 4h8v8H4z',
  warning: 'M8 2.5 14.5 13.5h-13zM8 6.5V10M8 12h.01',
} as const

export type IconName = keyof typeof PATHS

export const Icon = ({ name }: { name: IconName }) => (
  <svg class="icon" aria-hidden="true" viewBox="0 0 16 16">
    <path d={PATHS[name]} stroke-width={name === 'more' ? 2.4 : undefined} />
  </svg>
)

interface IconButtonProps extends ButtonHTMLAttributes {
  icon: IconName
  label: string
}

/** A button that is only an icon; the label says what it does. */
export const IconButton = ({ icon, label, ...attributes }: IconButtonProps) => (
  <button
    type="button"
    class={`icon-button ${icon}`}
    aria-label={label}
    title={label}
    {...attributes}
  >
    <Icon name={icon} />
  </button>
)
