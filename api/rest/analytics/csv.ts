/** A value that a spreadsheet would take for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/** One cell (RFC 4180). Texts that a spreadsheet would run as a formula get an apostrophe before them. */
export function csvCell(value: string | number): string {
  const text = typeof value === 'number' ? String(value) : FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One line, with its end. */
export const csvLine = (cells: readonly (string | number)[]): string => `${cells.map(csvCell).join(',')}\r\n`;
