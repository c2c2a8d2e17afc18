// The functions of window.liveinsight.

import { commitPageView, moved, page } from './page_view'
import { count, optIn, optOut, setUser } from './queue'
import { safely } from './safely'

/** Count an event that has a name. */
export const track = safely((name: string, props?: EventProps) => {
  moved()
  commitPageView()
  count(name, { props: (props?.props as EventProps | undefined) || props })
}) as LiveInsight

track.identify = safely(setUser)
track.opt_out = safely(optOut)
track.opt_in = safely(() => {
  optIn(page)
})
track.page = page
