import { maxSourceLength } from '@gatehouse/contract/identity/providers'

/** Active Directory puts at most 1,015 groups into a token. */
export const maxGroups = 1_024

/**
 * The groups of a person, each once, in order. Null where there are too many, which is as good as not knowing all of them. A
 * name that is longer than any source of a mapping matches none.
 */
export function boundedGroups(groups: readonly string[] | null): string[] | null {
  if (groups === null || groups.length > maxGroups) return null
  return [...new Set(groups)].filter((group) => group.length <= maxSourceLength && !group.includes('\0')).toSorted()
}
