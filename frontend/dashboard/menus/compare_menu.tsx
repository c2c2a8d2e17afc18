// The choice of what the period is compared with.

import { MenuItem, Popover } from '../components/popover'
import { label, t } from '../i18n/translate'
import { COMPARISONS } from '../query/dimensions'
import { navigate, useUrlState } from '../state/navigation'
import type { OpenMenu } from '../state/open_menu'

export const CompareMenu = ({ menu }: { menu: OpenMenu }) => {
  const { compare } = useUrlState()
  return (
    <Popover menu={menu} label={t('compare')}>
      {COMPARISONS.map((name) => (
        <MenuItem
          key={name}
          text={label('comparisons', name)}
          isChosen={compare === name}
          onSelect={() => navigate({ compare: name })}
        />
      ))}
    </Popover>
  )
}
