// The page: header, the view that the URL names, what is open over it, and the footer.

import { useLayoutEffect } from 'preact/hooks'
import { AnnouncementHost, NoticeHost } from './components/message_hosts'
import { TooltipHost } from './components/tooltip'
import { Header } from './header/header'
import { t } from './i18n/translate'
import {
  BreakdownDialog,
  Onboarding,
  RealtimeView,
  SessionDrawer,
  SessionsView,
  ShortcutsSheet,
  SignInView,
} from './lazy_views'
import { isShortcutsOpen } from './shortcuts'
import { OverviewFooter } from './overview/footer'
import { Overview } from './overview/overview'
import { useUrlState } from './state/navigation'
import { signIn } from './state/sign_in'
import { isLoadingStats } from './answers/stats'
import { useStore } from './state/store'

export const App = () => {
  const { view, all, session } = useUrlState()
  const { isSignedIn } = useStore(signIn)
  const shownView = isSignedIn ? view : 'welcome'
  useDocumentState({
    view: shownView,
    stage: isSignedIn ? 'in' : 'out',
    loading: useStore(isLoadingStats) ? '' : undefined,
  })
  return (
    <>
      <a class="skip" href="#content">
        {t('skip')}
      </a>
      <Header />
      <main id="content" tabIndex={-1}>
        <NoticeHost />
        <div class="view" id={shownView} key={shownView}>
          {shownView === 'overview' && <Overview />}
          {shownView === 'realtime' && <RealtimeView />}
          {shownView === 'sessions' && <SessionsView />}
          {shownView === 'welcome' && (isSignedIn ? <Onboarding /> : <SignInView />)}
        </div>
      </main>
      <OverviewFooter />
      {isSignedIn && all && <BreakdownDialog key={all} />}
      {isSignedIn && session && <SessionDrawer />}
      {useStore(isShortcutsOpen) && <ShortcutsSheet />}
      <AnnouncementHost />
      <TooltipHost />
    </>
  )
}

/** What the stylesheet needs to know, as data attributes of the document. */
const useDocumentState = (state: Record<string, string | undefined>): void =>
  useLayoutEffect(() => {
    const { dataset } = document.documentElement
    for (const [name, value] of Object.entries(state))
      if (value === undefined) delete dataset[name]
      else dataset[name] = value
  })
