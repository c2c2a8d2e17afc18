// Percent-encoding, decoded for reading.

const INVISIBLE = /(?![\u200c\u200d])[\p{C}\p{Z}]/gu

/**
 * Decode percent-encoding as the address bar of a browser does: letters, but nothing invisible.
 * ASCII stays encoded, so that a text that was decoded before is not decoded twice.
 */
export const decodePercent = (text: string): string =>
  text.replace(/(?:%[89a-f][0-9a-f])+/gi, (run) => {
    try {
      return decodeURIComponent(run).replace(INVISIBLE, encodeURIComponent)
    } catch {
      return run
    }
  })
