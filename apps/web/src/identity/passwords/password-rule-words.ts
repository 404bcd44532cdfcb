/** The rules for a new password: each in words, and whether it is met. The server checks the same and the blocklist. */

import type { PasswordPolicy } from '@gatehouse/contract/identity/sign-in'
import { t } from '@lingui/core/macro'

export interface PasswordRule {
  sentence: string
  isMet: boolean
}

const counted: readonly [keyof PasswordPolicy & ('lower' | 'upper' | 'numeric' | 'symbol'), RegExp, string, string][] =
  [
    ['lower', /\p{Ll}/gu, t`lower-case letter`, t`lower-case letters`],
    ['upper', /\p{Lu}/gu, t`upper-case letter`, t`upper-case letters`],
    ['numeric', /\p{Nd}/gu, 'digit', 'digits'],
    ['symbol', /[^\p{L}\p{N}]/gu, t`symbol or space`, t`symbols or spaces`],
  ]

export function passwordRules(policy: PasswordPolicy, typed: string): PasswordRule[] {
  const password = typed.normalize('NFC')
  const rules = counted
    .filter(([kind]) => policy[kind] > 0)
    .map(([kind, pattern, one, many]) => ({
      sentence: t`At least ${policy[kind]} ${policy[kind] === 1 ? one : many}`,
      isMet: (password.match(pattern)?.length ?? 0) >= policy[kind],
    }))
  // Counted in code points after normalisation, as the server does (NIST SP 800-63B-4 §3.1.1.2).
  return [
    { sentence: t`At least ${policy.min} characters`, isMet: Array.from(password).length >= policy.min },
    ...rules,
  ]
}
