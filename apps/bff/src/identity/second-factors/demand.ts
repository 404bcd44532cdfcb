import type { MfaPolicy } from '@gatehouse/contract/operations/settings'

interface Judged {
  /** The account's own demand. */
  row: { mfa_required_at: string | null }
  grants: readonly { method: string }[]
  roleIds: readonly string[]
}

/** Must this user have a second factor? Whoever signs in with certificates only never meets the console, and is untouched. */
export function isFactorDemanded({ requiredFor, roles }: MfaPolicy, { row, grants, roleIds }: Judged): boolean {
  if (!grants.some(({ method }) => method === 'password')) return false
  if (row.mfa_required_at !== null || requiredFor === 'everyone') return true
  return requiredFor === 'roles' && roleIds.some((id) => roles.includes(id))
}
