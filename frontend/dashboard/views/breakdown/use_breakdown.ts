// The rows in the dialog of a breakdown: the API searches them and returns them page by page.

import { useEffect, useRef, useState } from 'preact/hooks'
import { ApiError } from '../../api/client'
import type { BreakdownRow } from '../../api/types'
import { errorText } from '../../state/notices'
import { requireSignIn } from '../../state/sign_in'
import { getStats } from '../../answers/stats'

const PAGE_SIZE = 100
const MAX_ROWS = 1_000 // that the API returns at once
const TYPING_MS = 200

export interface LoadedRows {
  rows: readonly BreakdownRow[]
  total: number
  cut: readonly string[] // dimensions whose lists the API has cut
  isLoading: boolean
  problem: string
}

const NONE: LoadedRows = { rows: [], total: 0, cut: [], isLoading: true, problem: '' }

interface BreakdownQuery {
  dimension: string
  search: string
  /** Differs when the stats of the page do: then the rows are loaded again. */
  key: string
}

export const useBreakdown = ({ dimension, search, key }: BreakdownQuery) => {
  const [loaded, setLoaded] = useState(NONE)
  const running = useRef<AbortController | null>(null)

  const load = async (limit: number, before: readonly BreakdownRow[] = []): Promise<void> => {
    running.current?.abort()
    const { signal } = (running.current = new AbortController())
    setLoaded((shown) => ({ ...shown, isLoading: true }))
    try {
      const answer = await getStats(dimension, { search, limit, offset: before.length })
      const { rows, total } = answer.breakdowns[dimension] ?? { rows: [], total: 0 }
      const all = { rows: [...before, ...rows], total, cut: answer.meta.cut }
      if (!signal.aborted) setLoaded({ ...all, isLoading: false, problem: '' })
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof ApiError && error.status === 401) requireSignIn()
      setLoaded((shown) => ({ ...shown, isLoading: false, problem: errorText(error) }))
    }
  }

  const isFirst = useRef(true)
  useEffect(() => {
    const timer = setTimeout(() => void load(PAGE_SIZE), isFirst.current ? 0 : TYPING_MS)
    isFirst.current = false
    return () => clearTimeout(timer)
  }, [dimension, search, key])
  useEffect(() => () => running.current?.abort(), [])

  const { rows, total } = loaded
  return {
    loaded,
    loadMore: () => load(PAGE_SIZE, rows),
    /** Load all rows that the API returns at once, for sorting by what it does not sort by. */
    loadAll: async () => {
      if (rows.length < Math.min(total, MAX_ROWS)) await load(MAX_ROWS)
    },
  }
}
