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
      setIsCopied(true)
      announce(t('copied'))
    } catch {
      // The browser forbids it: select the code, so that one key copies it.
      if (block.current) getSelection()?.selectAllChildren(block.current)
    }
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
