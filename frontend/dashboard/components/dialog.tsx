// A modal dialog over the page. Escape, a click beside it and its button close it.

import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { t } from '../i18n/translate'
import { IconButton } from './icon'

interface DialogProps {
  class: string
  title: string
  onClose: () => void
  tools?: ComponentChildren // beside the title
  isLoading?: boolean
  focusClose?: boolean // unless something else of it has `autofocus`
  bodyClass?: string
  footer?: ComponentChildren
  children: ComponentChildren
}

export const Dialog = ({
  class: name,
  title,
  onClose,
  tools,
  isLoading = false,
  focusClose = true,
  bodyClass = '',
  footer,
  children,
}: DialogProps) => {
  const dialog = useRef<HTMLDialogElement>(null)
  const titleId = `${name}-title`
  useLayoutEffect(() => {
    const shown = dialog.current
    shown?.showModal()
    // Before it is removed, so that focus goes back to where it was.
    return () => shown?.close()
  }, [])
  return (
    <dialog
      class={isLoading ? `${name} loading` : name}
      aria-labelledby={titleId}
      ref={dialog}
      // Its removal closes it too, which is no news then.
      onClose={() => dialog.current && onClose()}
      onClick={(event) => event.target === dialog.current && dialog.current?.close()}
    >
      <div class="dialog-head">
        <h2 id={titleId}>{title}</h2>
        {tools}
        <IconButton
          icon="close"
          label={t('close')}
          autoFocus={focusClose}
          onClick={() => dialog.current?.close()}
        />
      </div>
      <div
        class={`dialog-body ${bodyClass}`}
        tabIndex={0}
        role="region"
        aria-labelledby={titleId}
      >
        {children}
      </div>
      {footer && <div class="dialog-foot">{footer}</div>}
    </dialog>
  )
}
