/** The rules for a client that proves its user with a password. */
import type { RefusalReason } from '@gatehouse/contract/brokers/broker'
import { claimedUsername, type Evidence } from './evidence.ts'
import type { DecisionUser } from './facts.ts'
import type { PasswordNeeded, Proved, Refused } from './outcome.ts'

/** Decides about a client without a certificate. */
export function judgePassword(evidence: Evidence, user: DecisionUser | null): Proved | Refused | PasswordNeeded {
  const { username, password } = evidence
  if (username === null) return refuse('no_credentials', null)
  if (password.state === 'none') return refuse('no_credentials')
  // Nothing about the user is said before the password was right: an unknown user, a wrong password and a throttled one look alike.
  const unproved = needPassword(evidence, user, 'username')
  if (unproved) return unproved
  if (!user || user.username !== username) return refuse('unknown_user')
  if (user.disabledAt !== null) return refuse('disabled')
  if (requiresGrant(user, 'certificate')) return refuse('required_grant_missing')
  if (!hasGrant(user, 'password')) return refuse('no_password_grant')
  return { outcome: 'proved', user, method: 'password', verdict: null, admittedBy: null }
}

/** Null: the password is right. */
export function needPassword(
  evidence: Evidence,
  user: DecisionUser | null,
  claim: 'certificate' | 'username',
): Refused | PasswordNeeded | null {
  const { password, at } = evidence
  switch (password.state) {
    case 'right':
      // The password was changed since it was checked. Which of the two was right is not known.
      if (user?.credential !== password.credential) return uncheckedPassword()
      return hasPasswordEnded(user, at) ? refuse('wrong_credentials', claim) : null
    case 'unchecked':
      return uncheckedPassword()
    case 'busy':
    case 'throttled':
      return refuse(password.state, claim)
    case 'wrong':
      return refuse(user ? 'wrong_credentials' : 'unknown_user', claim)
    case 'none':
      return refuse('required_grant_missing', claim)
    default:
      // The types exclude this. A value from elsewhere must not prove anything.
      return refuse('wrong_credentials', claim)
  }

  function uncheckedPassword(): PasswordNeeded {
    return { outcome: 'password-needed', userId: user?.id ?? null, username: claimedUsername(evidence) ?? '' }
  }
}

/** The identity provider of the user is disabled, or the last sign-in there is too old. */
export function hasPasswordEnded({ passwordEndsAt }: DecisionUser, at: Date): boolean {
  return passwordEndsAt !== null && passwordEndsAt <= at
}

export function hasGrant({ grants }: DecisionUser, method: 'certificate' | 'password'): boolean {
  return grants.some((grant) => grant.method === method)
}

export function requiresGrant({ grants }: DecisionUser, method: 'certificate' | 'password'): boolean {
  return grants.some((grant) => grant.method === method && grant.isRequired)
}

function refuse(reason: RefusalReason, claim: Refused['claim'] = 'username'): Refused {
  return { outcome: 'refused', reason, claim }
}
