/** The rules for a single user, applied to the users of a draft. What breaks one is left out and listed. */
import { line } from '@gatehouse/contract/base'
import { Username } from '@gatehouse/contract/identity/users'
import type { Draft, DraftUser } from './draft.ts'

/** As for a user that is created by the API. */
const maxPermissions = 1_000
const maxRoles = 100
const DisplayName = line(200)

export function requireUsers({ users, findings }: Draft): DraftUser[] {
  const seen = new Set<string>()
  return [...users.values()].flatMap((user) => {
    const { username, place } = user
    const folded = username.toLowerCase()
    if (!Username.safeParse(username).success) findings.add('username_invalid', place)
    else if (seen.has(folded)) findings.add('username_differs_in_case', place)
    else if (user.permissions.length > maxPermissions || user.roles.length > maxRoles)
      findings.add('too_many_permissions', place, username)
    else {
      seen.add(folded)
      return [{ ...user, displayName: displayNameOf(user) }]
    }
    return []
  })
}

function displayNameOf({ displayName }: DraftUser): string | null {
  return displayName !== null && DisplayName.safeParse(displayName).success ? displayName : null
}
