/** The kinds of authenticators besides the password. A passkey becomes one more line here and one more verifier. */

export type AuthenticatorKind = 'totp' | 'backup-code'

/** `factor`: a user who has one has a second factor. `spare`: it only stands in for a factor that the user has. */
const standings: Record<AuthenticatorKind, 'factor' | 'spare'> = { totp: 'factor', 'backup-code': 'spare' }

/** That a user has authenticators of this kind, and since when. */
export interface HeldKind {
  kind: AuthenticatorKind
  since: string
}

export function hasSecondFactor(held: readonly Pick<HeldKind, 'kind'>[]): boolean {
  return held.some(({ kind }) => standings[kind] === 'factor')
}

/** Since when the user has a second factor; null: the user has none. */
export function factorSince(held: readonly HeldKind[]): string | null {
  const [first] = held
    .filter(({ kind }) => standings[kind] === 'factor')
    .map(({ since }) => since)
    .toSorted()
  return first ?? null
}
