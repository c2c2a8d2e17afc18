// Everything that is loaded when it is first shown. What is not here is in the first file.

import { lazy } from './components/lazy'

export const MenuHost = lazy(() => import('./menus/menu_host').then((it) => it.MenuHost))

// One file: what comes right after the first numbers.
const panels = () => import('./overview/panels')
export const Chart = lazy(() => panels().then((it) => it.Chart))
export const BreakdownCards = lazy(() => panels().then((it) => it.BreakdownCards))
export const NoVisitors = lazy(() => panels().then((it) => it.NoVisitors))

export const RealtimeView = lazy(() =>
  import('./views/realtime/realtime_view').then((it) => it.RealtimeView),
)
export const SessionsView = lazy(() =>
  import('./views/sessions/sessions_view').then((it) => it.SessionsView),
)
export const SessionDrawer = lazy(() =>
  import('./views/sessions/session_drawer').then((it) => it.SessionDrawer),
)
export const BreakdownDialog = lazy(() =>
  import('./views/breakdown/breakdown_dialog').then((it) => it.BreakdownDialog),
)
export const ShortcutsSheet = lazy(() =>
  import('./views/shortcuts_sheet').then((it) => it.ShortcutsSheet),
)
export const SignInView = lazy(() => import('./views/welcome/sign_in_view').then((it) => it.SignInView))
export const Onboarding = lazy(() => import('./views/welcome/onboarding').then((it) => it.Onboarding))
