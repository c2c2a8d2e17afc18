// Whether the reader is signed in; without a valid token the page asks for one.

import { forgetToken, getToken } from '../api/token'
import { createStore } from './store'

interface SignIn {
  isSignedIn: boolean
  isRejected: boolean // the token that was used is not valid any more
}

export const signIn = createStore<SignIn>({ isSignedIn: false, isRejected: false })

/** Ask for the token again, since the API rejected it. */
export const requireSignIn = (): void => {
  forgetToken()
  signIn.set({ isSignedIn: false, isRejected: true })
}

export const startSignIn = (): void =>
  signIn.set({ isSignedIn: getToken() !== null, isRejected: false })

/** Start again: nothing that the token opened stays on the page. */
export const signOut = (): void => {
  forgetToken()
  location.reload()
}
