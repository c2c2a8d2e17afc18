// What pages have beside the standard types of browsers. The tracker runs in a function of
// build.mjs, which gives it `script` and `early`.

/** The tag that loads the tracker. */
declare const script: HTMLScriptElement

/** What the page had put at window.liveinsight. */
declare const early: LiveInsight | undefined

interface LiveInsight {
  (name: string, props?: EventProps): void
  /** Calls from before the tracker was there. */
  q?: [name: string, props?: EventProps][]
  page(path?: string, isRedirect?: boolean): void
  identify(id?: string | null): void
  opt_out(): void
  opt_in(): void
}

type EventProps = Record<string, unknown>

interface Window {
  liveinsight?: LiveInsight
  Cypress?: unknown
  navigation?: EventTarget
}

declare const navigation: EventTarget
declare const liveinsight: LiveInsight

interface Navigator {
  globalPrivacyControl?: boolean
}

interface PageSwapEvent extends Event {
  readonly activation: NavigationActivation | null
}

interface NavigationActivation {
  readonly navigationType: string
  readonly entry: { readonly url: string | null }
}

// Both make a text of what they get. `.href` and `String()` cost bytes.
interface RegExp {
  test(value: unknown): boolean
}
