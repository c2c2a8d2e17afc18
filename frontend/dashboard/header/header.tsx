// The header: site, live counter, views and menu; below them the filters and the period.

import { t } from '../i18n/translate'
import { IconButton } from '../components/icon'
import { MenuHost } from '../lazy_views'
import { openMenu, openMenuByName } from '../state/open_menu'
import { useStore } from '../state/store'
import { useUrlState } from '../state/navigation'
import { FilterPills } from './filter_pills'
import { LiveCounter } from './live_counter'
import { PeriodControls } from './period_controls'
import { SiteSelect } from './site_select'
import { ViewLinks } from './view_links'

export const Header = () => {
  const { view } = useUrlState()
  const menu = useStore(openMenu)
  return (
    <header class="top" id="top">
      <h1 class="visually-hidden">LiveInsight</h1>
      <div class="bar">
        <Brand />
        <SiteSelect />
        <LiveCounter />
        <ViewLinks />
        <IconButton
          icon="more"
          label={t('menu')}
          id="menu-button"
          aria-haspopup="dialog"
          aria-expanded={menu?.name === 'main'}
          onClick={() => openMenuByName('main')}
        />
      </div>
      <div class="controls" id="controls" hidden={view === 'realtime'}>
        <FilterPills />
        <PeriodControls />
      </div>
      {menu && <MenuHost menu={menu} key={menu.name} />}
    </header>
  )
}

const Brand = () => (
  <span class="brand" aria-hidden="true">
    <svg viewBox="0 0 32 32" width="26" height="26">
      <rect class="brand-back" width="32" height="32" rx="8" />
      <path class="brand-bars" d="M7 22v-5M13 22V11M19 22v-8" />
      <circle class="brand-dot" cx="25" cy="9" r="4" />
    </svg>
  </span>
)
