// The choice of the site. One that the URL names is offered even if the API does not list it.

import { t } from '../i18n/translate'
import { navigate, useUrlState } from '../state/navigation'
import { siteNames } from '../answers/sites'
import { useStore } from '../state/store'

export const SiteSelect = () => {
  const { site, view } = useUrlState()
  const listed = useStore(siteNames)
  const names = listed.includes(site) || !site ? listed : [site, ...listed]
  const choose = (name: string) =>
    navigate({
      site: name,
      view: view === 'welcome' ? 'overview' : view,
      filters: '',
      session: '',
      all: '',
    })
  return (
    <label class="site">
      <span class="visually-hidden">{t('site')}</span>
      <select
        id="site"
        title={site}
        value={site}
        onChange={(event) => choose(event.currentTarget.value)}
      >
        {names.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
        {names.length === 0 && <option value="">{t('noSites')}</option>}
      </select>
    </label>
  )
}
