import type { Trx } from '../../platform/db/open.ts'
import { type Attempt, type Counting, countAttempt } from '../passwords/attempts.ts'
import { hashPassword, matchPassword } from '../passwords/hashing.ts'
import { replaceHash } from './store.ts'

export type PasswordProof =
  | {
      outcome: 'right'
      /** The stored hash that the password was right for. */
      stored: string
      /** Lets in only together with the code, and must not look different from a wrong password without it. */
      needsCode: boolean
      /** Takes the attempt back, and replaces an outdated hash: whoever accepts the proof does it with what else it writes. */
      settle: (trx: Trx) => Promise<void>
    }
  | { outcome: 'wrong'; needsCode: boolean }
  | { outcome: 'throttled'; waitSeconds: number; takesCode: boolean }

interface Claim extends Pick<Attempt, 'username' | 'source' | 'hasCode'> {
  secret?: 'password' | 'mqtt'
  password: string
  /** Null for an unknown user. One without a password is as slow to refuse, and the password is never right. */
  user: { id: string; password_hash: string | null } | null
}

/** The one way in which a password is tried, whoever asks: browser, script, step-up, or an MQTT CONNECT. */
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
  const match = await matchPassword(stored, password)
  if (!user || stored === null || match === 'none') return { outcome: 'wrong', needsCode }
  if (match === 'current') return { outcome: 'right', stored, needsCode, settle: clear }
  const hash = await hashPassword(password)
  const settle = async (trx: Trx) => {
    await clear(trx)
    await replaceHash(trx, { userId: user.id, from: stored, to: hash })
  }
  return { outcome: 'right', stored, needsCode, settle }
}
