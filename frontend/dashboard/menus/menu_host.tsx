// The menu that is open. All menus are loaded together, when the first one opens.

import type { OpenMenu } from '../state/open_menu'
import { CompareMenu } from './compare_menu'
import { FilterEditor } from './filter_editor'
import { MainMenu } from './main_menu'
import { PeriodMenu } from './period_menu'

const MENUS = {
  filter: FilterEditor,
  period: PeriodMenu,
  compare: CompareMenu,
  main: MainMenu,
}

export const MenuHost = ({ menu }: { menu: OpenMenu }) => {
  const Menu = MENUS[menu.name]
  return <Menu menu={menu} />
}
