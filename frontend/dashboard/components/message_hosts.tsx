// Where messages appear: over the page, and for screen readers only.

import { useEffect, useState } from 'preact/hooks'
import { t } from '../i18n/translate'
import { announcement, notice } from '../state/notices'
import { useStore } from '../state/store'

export const NoticeHost = () => {
  const shown = useStore(notice)
  return (
    <div id="notices" role="status">
      {shown && (
        <div class="notice">
          <p>
            {shown.title && (
              <>
                <b>{shown.title}</b>{' '}
              </>
            )}
            {shown.text}
          </p>
          {shown.retry && (
            <button
              type="button"
              onClick={() => {
                notice.set(null)
                shown.retry?.()
              }}
            >
              {t('retry')}
            </button>
          )}
        </div>
      )}
    </div>
  )
}

const PAUSE_MS = 50 // so that the same text is read again

export const AnnouncementHost = () => {
  const { text, count } = useStore(announcement)
  const [spoken, setSpoken] = useState('')
  useEffect(() => {
    setSpoken('')
    const timer = setTimeout(() => setSpoken(text), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [count])
  return (
    <div class="visually-hidden" id="announcer" aria-live="polite">
      {spoken}
    </div>
  )
}
