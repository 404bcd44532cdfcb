/**
 * The password policy. It measures length in code points. Composition rules are off by default (NIST SP 800-63B-4 §3.1.1.2). The
 * whole password is compared with the blocklist, never parts of it.
 */
import type { FieldCode } from '@gatehouse/contract/errors'
import type { PasswordPolicy } from '@gatehouse/contract/identity/sign-in'
import { dictionary } from '@zxcvbn-ts/language-common'
import { Problem } from '../../platform/base/problem.ts'
import { normalised } from './normalisation.ts'

/** The 49,000 most common leaked passwords. */
const common = new Set(dictionary['passwords-common'].map((word) => word.toLowerCase()))

/** Throws `password_refused` with the first rule that the password breaks, on the field that holds it. */
export function requireGoodPassword(
  policy: PasswordPolicy,
  { password, username, field, hasFactor }: { password: string; username: string; field: string; hasFactor: boolean },
): void {
  const broken = findBrokenRule({ ...policy, min: hasFactor ? policy.minWithFactor : policy.min }, password, username)
  if (broken) throw new Problem('password_refused', { fields: { [field]: broken } })
}

/** The first rule that the password breaks; null: none. */
export function findBrokenRule(policy: PasswordPolicy, typed: string, username: string): FieldCode | null {
  const password = normalised(typed)
  // Code points of the normalised form, as NIST counts them.
  const characters = Array.from(password)
  const count = (pattern: RegExp) => characters.filter((character) => pattern.test(character)).length
  if (characters.length < policy.min) return 'password_too_short'
  if (count(/\p{Ll}/u) < policy.lower) return 'password_lower'
  if (count(/\p{Lu}/u) < policy.upper) return 'password_upper'
  if (count(/\p{Nd}/u) < policy.numeric) return 'password_numeric'
  if (count(/[^\p{L}\p{Nd}]/u) < policy.symbol) return 'password_symbol'
  if (policy.blocklist && common.has(password.toLowerCase())) return 'password_common'
  return isUsername(password, username) ? 'password_is_username' : null
}

/** Is the password the username, once or several times in a row? */
function isUsername(password: string, username: string): boolean {
  const folded = password.toLowerCase()
  return folded.replaceAll(username.toLowerCase(), '') === ''
}
