// Comma-separated values that a spreadsheet reads as they are meant.

export type Cell = string | number | null

/** Rows as the text of a CSV file. Texts are quoted, null is an empty cell. */
export const formatCsv = (rows: readonly (readonly Cell[])[]): string =>
  rows.map((row) => `${row.map(formatCell).join(',')}\r\n`).join('')

const formatCell = (cell: Cell): string =>
  typeof cell === 'string' ? quote(escapeFormula(cell)) : String(cell ?? '')

// Spreadsheets run a text that begins like a formula. An apostrophe makes it a text. The
// full-width signs are formulas to spreadsheets in Chinese, Japanese and Korean.
const escapeFormula = (text: string): string =>
  /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text

const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`
