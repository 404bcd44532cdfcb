/** A change of many users, as the change of one of them. */
import { maxTagsPerUser } from '@gatehouse/contract/identity/tags'
import type { UsersChange } from '@gatehouse/contract/identity/user-changes'
import type { User, UserUpdate } from '@gatehouse/contract/identity/users'
import { Problem } from '../../platform/base/problem.ts'

export type Edit = Exclude<UsersChange, { delete: true }>

type Update = Pick<UserUpdate, 'disabled' | 'roles' | 'tags'>

/** Throws `invalid` if the user would have more tags than are allowed. */
export function updateOf({ roles, tags }: User, edit: Edit): Update {
  const merged = merge(tags, edit.addTags, edit.removeTags).toSorted()
  if (merged.length > maxTagsPerUser) throw new Problem('invalid', { fields: { tags: 'too_long' } })
  return {
    ...(edit.disabled !== undefined && { disabled: edit.disabled }),
    roles: merge(roles, edit.addRoles, edit.removeRoles),
    tags: merged,
  }
}

/** Does the update leave this user as it is? */
export function isWithoutEffect(user: User, { disabled, roles = [], tags = [] }: Update): boolean {
  const keepsState = disabled === undefined || disabled === (user.disabledAt !== null)
  return keepsState && isSameSet(user.roles, roles) && isSameSet(user.tags, tags)
}

function merge(held: readonly string[], added: readonly string[], removed: readonly string[]): string[] {
  return [...new Set([...held, ...added])].filter((each) => !removed.includes(each))
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each) => b.includes(each))
}
