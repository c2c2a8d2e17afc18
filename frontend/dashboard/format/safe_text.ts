// Text that visitors sent, made fit to be read.

/** Make the marks visible that would reverse the order of the letters after them. */
export const escapeBidi = (text: string): string =>
  text.replace(/[\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
