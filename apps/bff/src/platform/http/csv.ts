import { escapeFormula } from '@gatehouse/contract/identity/user-csv'

/**
 * One line of a CSV file (RFC 4180). Cells are protected against formula injection (CWE-1236): users choose the names
 * in a list, and an administrator opens the file.
 */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

function csvCell(value: string | number | null): string {
  if (typeof value !== 'string') return String(value ?? '')
  const text = escapeFormula(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
