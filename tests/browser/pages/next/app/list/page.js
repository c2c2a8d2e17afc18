import { Suspense } from 'react'
import { List } from './list'

export const metadata = { title: 'List' }

export default () => <Suspense><List /></Suspense>
