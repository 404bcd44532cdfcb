import type { Trx } from '../../platform/db/open.ts'
import { type Attempt, type Counting, countAttempt } from '../passwords/attempts.ts'
import { hashPassword, matchPassword } from '../passwords/hashing.ts'
import { mostImportedIterations, replaceHash } from './store.ts'

export type PasswordProof =
  | {
      outcome: 'right'
      /** The stored hash that the password was right for. */
      stored: string
      /** The password suffices only together with a code. Without the code the caller answers as to a wrong password. */
      needsCode: boolean
      /** Takes the attempt back and replaces an outdated hash. The caller runs it in the transaction in which it accepts the proof. */
      settle: (trx: Trx) => Promise<void>
    }
  | { outcome: 'wrong'; needsCode: boolean }
  | { outcome: 'throttled'; waitSeconds: number; takesCode: boolean }

interface Claim extends Pick<Attempt, 'username' | 'source' | 'hasCode'> {
  secret?: 'password' | 'mqtt'
  password: string
  /** Null for an unknown user. Refusing a user without a password takes the same time as refusing a wrong password. */
  user: { id: string; password_hash: string | null } | null
}

/** The only function that checks a password, for the browser, scripts, step-up and MQTT CONNECT. */
export async function provePassword(
  counting: Counting,
  { secret = 'password', password, user, ...attempt }: Claim,
): Promise<PasswordProof> {
  const verdict = await countAttempt(counting, { ...attempt, secret, userId: user?.id ?? null })
  if (verdict.outcome === 'waiting') {
    const { waitSeconds, takesCode } = verdict
    return { outcome: 'throttled', waitSeconds, takesCode }
  }
  const { needsCode, clear } = verdict
  const stored = user?.password_hash ?? null
  // An imported password works over MQTT only: the policy for passwords of the console never judged it.
  const imported = secret === 'mqtt' ? { mostIterations: await mostImportedIterations(counting.db) } : 'refused'
  const match = await matchPassword(stored, password, imported)
  if (!user || stored === null || match === 'none') return { outcome: 'wrong', needsCode }
  if (match === 'current') return { outcome: 'right', stored, needsCode, settle: clear }
  const hash = await hashPassword(password)
  const settle = async (trx: Trx) => {
    await clear(trx)
    await replaceHash(trx, { userId: user.id, from: stored, to: hash })
  }
  return { outcome: 'right', stored, needsCode, settle }
}
