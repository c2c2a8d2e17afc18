// Reasons that the browser gives not to count its visitor.

/** Whether the browser asks not to be tracked. */
export const hasPrivacySignal = (): boolean | undefined =>
  navigator.globalPrivacyControl || (navigator.doNotTrack as unknown) == 1

/** Whether a program controls the browser. */
export const isAutomated = (): unknown => navigator.webdriver || window.Cypress

/** Whether the page is on this machine. Files have no host name, and bare addresses no letters in
 *  it, or a bracket. */
export const isLocal = (): boolean => /^[^a-z]*$|]$|localhost$/.test(location.hostname)
