// What the overview loads right after the first numbers, in one file.

export { Chart } from '../chart/chart'
export { BreakdownCards } from '../cards/breakdown_cards'
export { NoVisitors } from './no_visitors'
