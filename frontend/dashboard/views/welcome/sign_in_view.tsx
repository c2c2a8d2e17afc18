// The form that asks for an API token: when there is none, and when the API rejects it.

import { useEffect, useRef, useState } from 'preact/hooks'
import { ApiError, get } from '../../api/client'
import { keepToken } from '../../api/token'
import { t } from '../../i18n/translate'
import { errorText } from '../../state/notices'
import { signIn } from '../../state/sign_in'

export const SignInView = () => {
  const [problem, setProblem] = useState(signIn.get().isRejected ? t('signInFailed') : '')
  const token = useRef<HTMLInputElement>(null)
  const forGood = useRef<HTMLInputElement>(null)
  useEffect(() => token.current?.focus(), [])
  useEffect(() => {
    document.title = `${t('signInTitle')} · LiveInsight`
  }, [])

  const submit = async (event: Event) => {
    event.preventDefault()
    keepToken(token.current?.value.trim() ?? '', { forGood: forGood.current?.checked ?? false })
    try {
      await get('sites')
      location.reload()
    } catch (error) {
      const isRejected = error instanceof ApiError && error.status === 401
      setProblem(isRejected ? t('signInFailed') : errorText(error))
      token.current?.focus()
    }
  }

  return (
    <section class="panel sheet">
      <h1>{t('signInTitle')}</h1>
      <p class="muted" id="token-help">
        {t('signInHelp')}
      </p>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <form onSubmit={(event) => void submit(event)}>
        {/* Password managers keep the token under this name. */}
        <input autocomplete="username" value="LiveInsight" hidden />
        <label class="field">
          {t('token')}
          <input
            id="token"
            type="password"
            autocomplete="current-password"
            spellcheck={false}
            required
            aria-describedby="token-help"
            ref={token}
          />
        </label>
        <label class="switch">
          <input type="checkbox" ref={forGood} />
          {t('keepSignedIn')}
        </label>
        <button class="main-button">{t('signIn')}</button>
      </form>
    </section>
  )
}
