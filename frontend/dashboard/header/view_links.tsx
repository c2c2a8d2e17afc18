// The links to the views. They are links, so that one can be opened in another tab.

import { label, t } from '../i18n/translate'
import { VIEWS } from '../query/dimensions'
import { addressOf, navigate, useUrlState } from '../state/navigation'

export const ViewLinks = () => {
  const state = useUrlState()
  return (
    <nav class="views" id="views" aria-label={t('navigation')}>
      {VIEWS.map((view) => (
        <a
          key={view}
          href={addressOf({ view, session: '' })}
          aria-current={state.view === view ? 'page' : undefined}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey) return
            event.preventDefault()
            navigate({ view, session: '' })
          }}
        >
          {label('views', view)}
        </a>
      ))}
    </nav>
  )
}
