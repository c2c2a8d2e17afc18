// One session in a drawer beside the page: what is known of it, and its events in order.

import { useEffect, useState } from 'preact/hooks'
import { ApiError, getTimeline } from '../../api/client'
import type { Timeline } from '../../api/types'
import { Dialog } from '../../components/dialog'
import { IconButton } from '../../components/icon'
import { t } from '../../i18n/translate'
import { navigate, urlState, useUrlState } from '../../state/navigation'
import { errorText } from '../../state/notices'
import { requireSignIn } from '../../state/sign_in'
import { useStore } from '../../state/store'
import { useCurrentZone, whenZoneIsKnown } from '../../state/time_zone'
import { SessionFacts } from './session_facts'
import { adjacentSessions, sessionList } from './session_list'
import { SessionTimeline } from './session_timeline'

export const SessionDrawer = () => {
  const { site, session } = useUrlState()
  const close = () => {
    if (urlState().session) navigate({ session: '' })
  }
  return (
    <Dialog
      class="drawer"
      title={t('session')}
      tools={<AdjacentSessions id={session} />}
      onClose={close}
    >
      <SessionDetails key={session} site={site} id={session} />
    </Dialog>
  )
}

const AdjacentSessions = ({ id }: { id: string }) => {
  const { newer, older } = adjacentSessions(useStore(sessionList).sessions, id)
  const show = (session = '') => navigate({ session }, { replace: true })
  return (
    <>
      <IconButton
        icon="left"
        label={t('newerSession')}
        disabled={!newer}
        onClick={() => show(newer)}
      />
      <IconButton
        icon="right"
        label={t('olderSession')}
        disabled={!older}
        onClick={() => show(older)}
      />
    </>
  )
}

const SessionDetails = ({ site, id }: { site: string; id: string }) => {
  const { timeline, problem } = useTimeline(site, id)
  useCurrentZone() // the times are in it
  if (!timeline) return <p class="rows-empty">{problem || t('loading')}</p>
  return (
    <>
      <SessionFacts session={timeline.session} />
      {!timeline.timeline_complete && <p class="muted partly">{t('eventsDeleted')}</p>}
      <SessionTimeline session={timeline.session} events={timeline.timeline} />
    </>
  )
}

const useTimeline = (site: string, id: string): { timeline?: Timeline; problem?: string } => {
  const [result, setResult] = useState<{ timeline?: Timeline; problem?: string }>({})
  useEffect(() => {
    let isShown = true
    const show = (found: typeof result) => isShown && setResult(found)
    Promise.all([getTimeline(site, id), whenZoneIsKnown]).then(
      ([timeline]) => show({ timeline }),
      (error: unknown) => {
        if (error instanceof ApiError && error.status === 401) requireSignIn()
        show({ problem: errorText(error) })
      },
    )
    return () => {
      isShown = false
    }
  }, [site, id])
  return result
}
