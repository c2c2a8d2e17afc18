// Starts the dashboard: reads where the reader is, renders the page, and asks for its numbers.

import { render } from 'preact'
import { getSetting, keepSetting } from './api/browser_storage'
import { getToken, takeTokenFromUrl } from './api/token'
import { App } from './app'
import { ENGLISH } from './i18n/en'
import { preferredLanguage, setLanguage, type Texts } from './i18n/translate'
import { startShortcuts } from './shortcuts'
import { startLive } from './answers/live'
import { importOrReload } from './state/missing_file'
import { onUrlStateChange, startNavigation, urlState } from './state/navigation'
import { dismiss, showError } from './state/notices'
import { refreshView } from './answers/refresh'
import { signIn, startSignIn } from './state/sign_in'
import { loadSites } from './answers/sites'
import { refreshStaleStats, refreshStats, shownStats } from './answers/stats'
import { startTheme } from './state/theme'
import { startTimeZone } from './state/time_zone'
import { ApiError } from './api/client'

const start = async (): Promise<void> => {
  takeTokenFromUrl()
  startNavigation()
  startTheme()
  startTimeZone()
  startSignIn()
  const language = startLanguage()
  const { isSignedIn } = signIn.get()
  // Only a URL that names no site needs the sites first: they come along with the texts.
  const sites = isSignedIn && !urlState().site ? loadSites(language) : null
  await language
  render(<App />, document.body)
  startShortcuts()
  if (isSignedIn) await showSite(sites)
}

const startLanguage = async (): Promise<void> => {
  const { languages } = navigator
  const language = preferredLanguage(getSetting('language'), languages)
  const texts = language === 'ko' ? await koreanTexts() : ENGLISH
  setLanguage(language, texts, languages)
  document.documentElement.lang = language
}

const koreanTexts = (): Promise<Texts> =>
  importOrReload(() => import('./i18n/ko')).then((it) => it.KOREAN)

/** Ask for the stats, then for all else: the first numbers wait for the sites at most. */
const showSite = async (sites: Promise<boolean> | null): Promise<void> => {
  watchConnection()
  if (sites && !(await sites)) return
  onUrlStateChange(({ site, view }) => {
    keepSetting('site', site)
    if (view === 'overview') void refreshStats()
  })
  keepSetting('site', urlState().site)
  if (urlState().view === 'overview') await refreshStats()
  if (!signIn.get().isSignedIn) return
  if (!sites) void loadSites()
  if (urlState().site) startLive()
  setInterval(() => {
    if (!document.hidden && getToken()) refreshStaleStats()
  }, 1000)
}

const watchConnection = (): void => {
  addEventListener('offline', () =>
    showError(new ApiError(0, '', 'offline'), {
      shownAt: shownStats.get()?.answer.meta.generated_at,
    }),
  )
  addEventListener('online', () => {
    dismiss('stats')
    refreshView()
  })
}

void start()
