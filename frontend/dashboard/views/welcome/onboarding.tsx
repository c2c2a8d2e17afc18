// How to install the tracker. It waits for the first event and then opens the dashboard.

import { useEffect, useState } from 'preact/hooks'
import { t } from '../../i18n/translate'
import { navigate, useUrlState } from '../../state/navigation'
import { watchForFirstEvent, type FirstEvent } from './first_event'
import { curlCommand, trackerTag } from './install_snippets'
import { Snippet } from './snippet'

export const Onboarding = () => {
  const { site } = useUrlState()
  const base = document.baseURI.replace(/[?#].*$/, '')
  useEffect(() => {
    document.title = `${t('welcomeTitle')} · LiveInsight`
  }, [])
  return (
    <section class="panel sheet">
      <h1>{t('welcomeTitle')}</h1>
      <p>{t('welcomeTag', { site: site || t('yourSite') })}</p>
      <Snippet code={trackerTag(base)} />
      <FirstEventStatus key={site} site={site} />
      <p class="muted">{t('welcomeNothing')}</p>
      <p>{t('welcomeCurl')}</p>
      <Snippet code={curlCommand(base, site || 'example.com')} />
      {site && (
        <p>
          <button type="button" class="plain" onClick={() => navigate({ view: 'overview' })}>
            {t('back')}
          </button>
        </p>
      )}
    </section>
  )
}

const FirstEventStatus = ({ site }: { site: string }) => {
  const [firstEvent, setFirstEvent] = useState<FirstEvent>('awaited')
  useEffect(() => watchForFirstEvent(site, setFirstEvent), [site])
  const texts = {
    awaited: t('welcomeWaiting'),
    counted: t('welcomeCounted', { site }),
    arrived: t('welcomeArrived'),
  }
  return (
    <p class="waiting" role="status">
      <span class="dot on" aria-hidden="true" />
      <span>{texts[firstEvent]}</span>
    </p>
  )
}
