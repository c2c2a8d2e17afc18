// A component whose code, and the stylesheet of everything that is not seen first, are loaded
// when it is first shown. Until then it renders nothing.

import type { FunctionComponent } from 'preact'
import { useEffect, useReducer } from 'preact/hooks'
import { importOrReload } from '../state/missing_file'
import { showError } from '../state/notices'

export const lazy = <Props extends object>(
  load: () => Promise<FunctionComponent<Props>>,
): FunctionComponent<Props> => {
  let Loaded: FunctionComponent<Props> | null = null
  let loading: Promise<unknown> | null = null
  const start = () =>
    Promise.all([importOrReload(load), loadViewStyles()]).then(
      ([component]) => (Loaded = component),
      (error: unknown) => {
        loading = null
        showError(error, { retry: () => location.reload() })
      },
    )
  return (props) => {
    const [, renderAgain] = useReducer((count: number) => count + 1, 0)
    useEffect(() => {
      if (Loaded) return
      loading ??= start()
      void loading.then(() => renderAgain(undefined))
    }, [])
    return Loaded && <Loaded {...props} />
  }
}

let styles: Promise<void> | null = null

/** Load views.css once. Without it the page is plain, not broken. */
const loadViewStyles = (): Promise<void> => {
  styles ??= new Promise((resolve) => {
    const link = document.createElement('link')
    link.rel = 'stylesheet'
    link.href = `static/${VIEWS_CSS}`
    link.onload = link.onerror = () => resolve()
    document.head.append(link)
  })
  return styles
}
