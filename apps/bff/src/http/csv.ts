/**
 * One line of a CSV file (RFC 4180). What a spreadsheet would take for a formula becomes text by an apostrophe before it
 * (CWE-1236): names in a list are typed by people, and the one who opens the file is an administrator.
 */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

const formula = /^[=+\-@\t\r\n＝＋－＠]/

function csvCell(value: string | number | null): string {
  if (typeof value !== 'string') return String(value ?? '')
  const text = formula.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
