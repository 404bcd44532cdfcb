/** What a provider says of a person, bounded before it is stored or compared. */
import { maxSubjectLength } from '@gatehouse/contract/identity/identities'
import { maxSourceLength } from '@gatehouse/contract/identity/providers'
import type { ProviderAccount } from './connector.ts'

/** Active Directory puts at most 1,015 groups into a token. */
const maxGroups = 1_024
/** Of a display name, as the contract has it, and of the name there. */
const maxNameLength = 200

/** Null: the subject cannot be stored. */
export function boundedAccount(account: ProviderAccount): ProviderAccount | null {
  const { subject, displayName, groups } = account
  if (subject === '' || subject.length > maxSubjectLength || /\p{Cc}/u.test(subject)) return null
  return { ...account, displayName: displayName === null ? null : oneLine(displayName), groups: boundedGroups(groups) }
}

/** One line of text for display; see `line` of the contract. Null: nothing is left. */
export function oneLine(text: string): string | null {
  const shown = text
    .slice(0, 10 * maxNameLength)
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '')
    .trim()
  // By code points: half a surrogate pair cannot be stored.
  const short = Array.from(shown).slice(0, maxNameLength).join('').slice(0, maxNameLength)
  return short.replace(/\p{Cs}$/u, '').trim() || null
}

/**
 * The groups of a person, each once, in order. Null where there are too many, as where the provider did not name all. A
 * name that is longer than the source of any mapping matches none.
 */
export function boundedGroups(groups: readonly string[] | null): string[] | null {
  if (groups === null || groups.length > maxGroups) return null
  return [...new Set(groups)].filter((group) => group.length <= maxSourceLength && !group.includes('\0')).toSorted()
}
