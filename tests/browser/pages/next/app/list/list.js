'use client'
import { useRouter, useSearchParams } from 'next/navigation'

export function List() {
  const router = useRouter()
  const sort = useSearchParams().get('sort')
  return <>
    <p>Sorted by {sort}</p>
    <button onClick={() => router.push('?sort=age', { scroll: false })}>By age</button>{' '}
    <button onClick={() => window.history.replaceState(null, '', '?sort=height')}>By height</button>
  </>
}
