/** The columns of exported and imported users. */
import type { GrantMethod } from './users.ts'

/**
 * The columns of the export that an import takes. The import also accepts a password, which is never exported, and the identity
 * provider, which must be `local`: users of a provider come by signing in.
 */
export const userColumns = [
  'username',
  'displayName',
  'kind',
  'grantTypes',
  'roles',
  'mqttPublishPrefix',
  'tags',
] as const
export type UserColumn = (typeof userColumns)[number] | 'password' | 'identityProvider'

interface Grant {
  method: GrantMethod
  isRequired: boolean
}

/** Separates the entries of a list in one cell. No role name, method or tag contains it. */
export const entrySeparator = '|'

/** Returns the grants as one cell: `certificate (required)|password`. */
export function writeGrants(grants: readonly Grant[]): string {
  return grants.map(({ method, isRequired }) => (isRequired ? `${method} (required)` : method)).join(entrySeparator)
}

/** Reads the grants of a cell. Returns null if one of them is not a grant. */
export function readGrants(cell: string): Grant[] | null {
  const grants: Grant[] = []
  for (const entry of readEntries(cell)) {
    const [, method, required] = /^(password|certificate|token)(?: ?\((required)\))?$/i.exec(entry) ?? []
    if (!method) return null
    grants.push({ method: method.toLowerCase() as GrantMethod, isRequired: required !== undefined })
  }
  return grants
}

/** Splits a cell at `|`, `,` or `;` into trimmed entries without empty ones. */
export function readEntries(cell: string): string[] {
  return cell
    .split(/[|,;]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
}

/** Text that a spreadsheet reads as a formula, with any apostrophes before it. */
const formula = /^'*[=+\-@\t\r\n＝＋－＠]/

/**
 * Puts an apostrophe before text that a spreadsheet would read as a formula (CWE-1236). Text that already begins with
 * apostrophes and such a character gets one more, so that `unescapeFormula` restores it exactly.
 */
export function escapeFormula(text: string): string {
  return formula.test(text) ? `'${text}` : text
}

/** Removes the apostrophe that `escapeFormula` added. */
export function unescapeFormula(cell: string): string {
  return cell.startsWith("'") && formula.test(cell) ? cell.slice(1) : cell
}
