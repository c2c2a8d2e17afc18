// A period without visitors, and ways to where there are some.

import { label, t } from '../i18n/translate'
import { navigate, useUrlState } from '../state/navigation'
import type { UrlState } from '../query/url_state'

export const NoVisitors = () => {
  const { filters, period } = useUrlState()
  return (
    <section class="panel period-empty">
      <h2>{t(filters ? 'noMatches' : 'noVisitors')}</h2>
      <div class="period-ways">
        {filters && <Way text={t('clearFilters')} to={{ filters: '' }} />}
        {period !== 'all' && (
          <Way text={t('showAll')} to={{ period: 'all', from: '', to: '', interval: '' }} />
        )}
        <Way text={label('views', 'realtime')} to={{ view: 'realtime' }} />
        <Way text={t('install')} to={{ view: 'welcome' }} />
      </div>
    </section>
  )
}

const Way = ({ text, to }: { text: string; to: Partial<UrlState> }) => (
  <button type="button" class="choice" onClick={() => navigate(to)}>
    {text}
  </button>
)
