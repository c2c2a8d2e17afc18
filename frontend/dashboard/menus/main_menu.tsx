// Everything else: theme, language, time zone, export, help, signing out.

import { keepSetting } from '../api/browser_storage'
import { closeMenu, MenuItem, Popover } from '../components/popover'
import { downloadSessions } from '../export/on_demand'
import { label, language, t } from '../i18n/translate'
import { openShortcuts } from '../shortcuts'
import { navigate, useUrlState } from '../state/navigation'
import { announce, toast } from '../state/notices'
import type { OpenMenu } from '../state/open_menu'
import { signIn, signOut } from '../state/sign_in'
import { useStore } from '../state/store'
import { chooseTheme, chosenTheme, THEMES } from '../state/theme'
import { useSiteZone } from '../state/time_zone'

export const MainMenu = ({ menu }: { menu: OpenMenu }) => {
  const { isSignedIn } = useStore(signIn)
  return (
    <Popover menu={menu} label={t('menu')}>
      <Choice
        name={t('theme')}
        choices={THEMES.map((theme) => ({
          text: label('themes', theme),
          isChosen: theme === chosenTheme(),
          onSelect: () => chooseTheme(theme),
        }))}
      />
      <Choice
        name={t('languageName')}
        choices={[
          ['en', 'English'],
          ['ko', '한국어'],
        ].map(([name = '', text = '']) => ({
          text,
          isChosen: language() === name,
          onSelect: () => {
            keepSetting('language', name)
            location.reload()
          },
        }))}
      />
      {isSignedIn && <ZoneChoice />}
      {isSignedIn && <SignedInItems />}
    </Popover>
  )
}

/** The site's zone, the reader's own, and the one of a link from somebody elsewhere. */
const ZoneChoice = () => {
  const { timezone } = useUrlState()
  const site = useSiteZone()
  const mine = Intl.DateTimeFormat().resolvedOptions().timeZone
  if (isSameZone(mine, site) && !timezone) return null
  const zones = [
    { zone: '', text: t('siteZone', { zone: site ?? '–' }) },
    { zone: mine, text: t('myZone', { zone: mine }) },
    ...(timezone && timezone !== mine ? [{ zone: timezone, text: timezone }] : []),
  ]
  return (
    <Choice
      name={t('zone')}
      choices={zones.map(({ zone, text }) => ({
        text,
        isChosen: timezone === zone,
        onSelect: () => navigate({ timezone: zone }),
      }))}
    />
  )
}

// Browsers have their own name for some zones, such as Asia/Calcutta for Asia/Kolkata.
const isSameZone = (mine: string, site: string | null): boolean => {
  if (site === null) return false
  try {
    const format = new Intl.DateTimeFormat('en', { timeZone: site })
    return mine === format.resolvedOptions().timeZone
  } catch {
    return false
  }
}

const SignedInItems = () => (
  <>
    <hr />
    <MenuItem text={t('shareLink')} onSelect={() => void copyLink()} />
    <MenuItem text={t('exportSessionsCsv')} onSelect={() => void downloadSessions('csv')} />
    <MenuItem text={t('exportSessionsNdjson')} onSelect={() => void downloadSessions('ndjson')} />
    <MenuItem text={t('print')} onSelect={() => setTimeout(print)} />
    <hr />
    <MenuItem text={t('shortcuts')} shortcut="?" onSelect={openShortcuts} />
    <MenuItem text={t('install')} onSelect={() => navigate({ view: 'welcome' })} />
    <MenuItem text={t('signOut')} onSelect={signOut} />
  </>
)

const copyLink = async (): Promise<void> => {
  await navigator.clipboard.writeText(location.href).catch(() => {})
  announce(t('copied'))
  toast(t('copied'))
}

interface Option {
  text: string
  isChosen: boolean
  onSelect: () => void
}

const Choice = ({ name, choices }: { name: string; choices: Option[] }) => (
  <fieldset role="radiogroup" aria-label={name}>
    <legend>{name}</legend>
    {choices.map(({ text, isChosen, onSelect }) => (
      <button
        key={text}
        type="button"
        role="radio"
        class="small-choice"
        aria-checked={isChosen}
        onClick={() => {
          closeMenu()
          onSelect()
        }}
      >
        {text}
      </button>
    ))}
  </fieldset>
)
