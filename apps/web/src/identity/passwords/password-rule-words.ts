/** The rules for a new password: each in words, and whether it is met. The server checks the same and the blocklist. */

import type { PasswordPolicy } from '@gatehouse/contract/identity/sign-in'
import { plural, t } from '@lingui/core/macro'

export interface PasswordRule {
  sentence: string
  isMet: boolean
}

const counted: readonly [
  keyof PasswordPolicy & ('lower' | 'upper' | 'numeric' | 'symbol'),
  RegExp,
  (count: number) => string,
][] = [
  [
    'lower',
    /\p{Ll}/gu,
    (count) => plural(count, { one: 'At least # lowercase letter', other: 'At least # lowercase letters' }),
  ],
  [
    'upper',
    /\p{Lu}/gu,
    (count) => plural(count, { one: 'At least # uppercase letter', other: 'At least # uppercase letters' }),
  ],
  ['numeric', /\p{Nd}/gu, (count) => plural(count, { one: 'At least # digit', other: 'At least # digits' })],
  [
    'symbol',
    /[^\p{L}\p{N}]/gu,
    (count) => plural(count, { one: 'At least # symbol or space', other: 'At least # symbols or spaces' }),
  ],
]

export function passwordRules(policy: PasswordPolicy, typed: string): PasswordRule[] {
  const password = typed.normalize('NFC')
  const rules = counted
    .filter(([kind]) => policy[kind] > 0)
    .map(([kind, pattern, words]) => ({
      sentence: words(policy[kind]),
      isMet: (password.match(pattern)?.length ?? 0) >= policy[kind],
    }))
  // Counted in code points after normalisation, as the server does (NIST SP 800-63B-4 §3.1.1.2).
  return [
    { sentence: t`At least ${policy.min} characters`, isMet: Array.from(password).length >= policy.min },
    ...rules,
  ]
}
