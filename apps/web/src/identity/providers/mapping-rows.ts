/** The mappings of a provider as the form holds them: one row for each source, with all its roles. */
import type { RoleMapping } from '@gatehouse/contract/identity/providers'

export interface MappingRow {
  source: string
  roles: string[]
}

export function toRows(mappings: readonly RoleMapping[]): MappingRow[] {
  const bySource = Map.groupBy(mappings, ({ source }) => source)
  return [...bySource].map(([source, of]) => ({ source, roles: of.map(({ roleId }) => roleId) }))
}

/** A row without roles maps nothing. The dialog saves nothing while there is one. */
export function toMappings(rows: readonly MappingRow[]): RoleMapping[] {
  return rows.flatMap(({ source, roles }) => roles.map((roleId) => ({ source: source.trim(), roleId })))
}

/** The rows as the errors of `toMappings` name them: `mappings.3.roleId` is the fourth role of all rows. */
export function rowOfMapping(rows: readonly MappingRow[], at: number): number {
  let end = 0
  return rows.findIndex(({ roles }) => {
    end += roles.length
    return at < end
  })
}
