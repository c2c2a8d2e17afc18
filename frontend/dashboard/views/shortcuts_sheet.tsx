// The sheet that lists the keyboard shortcuts, with the switch that turns them off.

import { keepSetting } from '../api/browser_storage'
import { Dialog } from '../components/dialog'
import { label, t } from '../i18n/translate'
import { areShortcutsOn, closeShortcuts, PERIOD_KEYS, VIEW_KEYS } from '../shortcuts'

export const ShortcutsSheet = () => (
  <Dialog
    class="help"
    title={t('shortcuts')}
    tools={<ShortcutsSwitch />}
    bodyClass="keys"
    onClose={closeShortcuts}
  >
    <ShortcutList title={t('shortcutPeriods')} shortcuts={periodShortcuts()} />
    <ShortcutList title={t('shortcutViews')} shortcuts={viewShortcuts()} />
    <ShortcutList title={t('shortcutTools')} shortcuts={toolShortcuts()} />
  </Dialog>
)

const ShortcutsSwitch = () => (
  <label class="switch">
    <input
      type="checkbox"
      defaultChecked={areShortcutsOn()}
      onChange={({ currentTarget }) =>
        keepSetting('shortcuts', currentTarget.checked ? null : 'off')
      }
    />
    {t('shortcutsOn')}
  </label>
)

type Shortcut = [key: string, meaning: string]

const periodShortcuts = (): Shortcut[] => [
  ...Object.entries(PERIOD_KEYS).map(([period, key]): Shortcut => [key, label('periods', period)]),
  ['← →', t('shortcutStep')],
]

const viewShortcuts = (): Shortcut[] => [
  ...Object.entries(VIEW_KEYS).map(([key, view]): Shortcut => [key, label('views', view)]),
  ['K', t('site')],
  ['V', t('shortcutMetric')],
  ['X', t('compare')],
  ['G', t('asTable')],
]

const toolShortcuts = (): Shortcut[] => [
  ['I', t('addFilter')],
  ['/', t('search')],
  ['U', t('shortcutRefresh')],
  ['P', t('theme')],
  ['Esc', t('shortcutEscape')],
  ['?', t('shortcutHelp')],
]

const ShortcutList = ({ title, shortcuts }: { title: string; shortcuts: Shortcut[] }) => (
  <section>
    <h3>{title}</h3>
    <dl>
      {shortcuts.map(([key, meaning]) => (
        <div key={key}>
          <dt>{meaning}</dt>
          <dd>
            <kbd>{key}</kbd>
          </dd>
        </div>
      ))}
    </dl>
  </section>
)
