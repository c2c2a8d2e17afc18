// The token that opens the API: kept for this tab, or for good.

import { withStorage } from './browser_storage'

const KEY = 'liveinsight.token'
const STORAGES = ['sessionStorage', 'localStorage'] as const

let kept: string | null = null // for browsers that forbid storage

export const getToken = (): string | null => {
  if (kept !== null) return kept
  for (const name of STORAGES) {
    const found = withStorage(name, (storage) => storage.getItem(KEY))
    if (found) return found
  }
  return null
}

export const keepToken = (token: string, { forGood = false } = {}): void => {
  forgetToken()
  kept = token
  withStorage(forGood ? 'localStorage' : 'sessionStorage', (storage) =>
    storage.setItem(KEY, token),
  )
}

export const forgetToken = (): void => {
  kept = null
  for (const name of STORAGES) withStorage(name, (storage) => storage.removeItem(KEY))
}

/** Take the token out of `#token=...`, so that it is in no history, bookmark or screenshot. */
export const takeTokenFromUrl = (): void => {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (!token) return
  keepToken(token)
  history.replaceState(null, '', location.pathname + location.search)
}
