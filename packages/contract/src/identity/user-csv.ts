/** Users as lines of a table, as they are exported and imported: what stands in the columns. */
import type { GrantMethod } from './users.ts'

/** What the export has and the import takes, apart from a password, which is never exported. */
export const userColumns = ['username', 'displayName', 'kind', 'grantTypes', 'roles', 'mqttPublishPrefix'] as const
export type UserColumn = (typeof userColumns)[number] | 'password'

interface Grant {
  method: GrantMethod
  isRequired: boolean
}

/** Between two of a list in one cell. Neither a role nor a method can contain it. */
export const betweenEntries = '|'

/** `certificate (required)|password` */
export function writeGrants(grants: readonly Grant[]): string {
  return grants.map(({ method, isRequired }) => (isRequired ? `${method} (required)` : method)).join(betweenEntries)
}

/** Null where one of them is no grant. */
export function readGrants(cell: string): Grant[] | null {
  const grants: Grant[] = []
  for (const entry of readEntries(cell)) {
    const [, method, required] = /^(password|certificate|token)(?: ?\((required)\))?$/i.exec(entry) ?? []
    if (!method) return null
    grants.push({ method: method.toLowerCase() as GrantMethod, isRequired: required !== undefined })
  }
  return grants
}

/** What stands between `|`, `,` or `;`, whichever somebody typed. */
export function readEntries(cell: string): string[] {
  return cell
    .split(/[|,;]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
}

/** What a spreadsheet takes for a formula, with the apostrophes that may stand before it. */
const formula = /^'*[=+\-@\t\r\n＝＋－＠]/

/**
 * Puts an apostrophe before what a spreadsheet would take for a formula (CWE-1236). Text that begins with apostrophes and then such a
 * character gets one more, or nobody could tell it from what was shielded.
 */
export function withShield(text: string): string {
  return formula.test(text) ? `'${text}` : text
}

/** Takes the apostrophe of `withShield` away again. */
export function withoutShield(cell: string): string {
  return cell.startsWith("'") && formula.test(cell) ? cell.slice(1) : cell
}
