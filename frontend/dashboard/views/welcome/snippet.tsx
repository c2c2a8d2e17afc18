// Code to copy, with a button that copies it.

import { useRef, useState } from 'preact/hooks'
import { Icon } from '../../components/icon'
import { t } from '../../i18n/translate'
import { announce } from '../../state/notices'

export const Snippet = ({ code }: { code: string }) => {
  const block = useRef<HTMLPreElement>(null)
  const [isCopied, setIsCopied] = useState(false)

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(code)
    } catch {
      if (!copySelected(block.current)) return
    }
    setIsCopied(true)
    announce(t('copied'))
  }

  return (
    <div class="snippet">
      <pre tabIndex={0} ref={block}>
        {code}
      </pre>
      <div>
        <button type="button" class="choice" onClick={() => void copy()}>
          <Icon name="copy" />
          <span>{t(isCopied ? 'copied' : 'copy')}</span>
        </button>
      </div>
    </div>
  )
}

/** Copy without the clipboard's permission. If the browser forbids that too, the code stays selected. */
const copySelected = (element: HTMLElement | null): boolean => {
  if (element) getSelection()?.selectAllChildren(element)
  return document.execCommand('copy')
}
