import type { Trx } from '../db/open.ts'
import { type Counting, clearAttempt, countAttempt } from '../passwords/attempts.ts'
import { hashPassword, matchPassword } from '../passwords/hashing.ts'
import { replaceHash } from './store.ts'

export type PasswordProof =
  | {
      outcome: 'right'
      /** What is stored for the password once it is settled. */
      hash: string
      /** Takes the attempt back, and stores `hash`: whoever accepts the proof does it with what else it writes. */
      settle: (trx: Trx) => Promise<void>
    }
  | { outcome: 'wrong' }
  | { outcome: 'throttled'; waitSeconds: number }

interface Claim {
  username: string
  password: string
  /** Null for an unknown user. One without a password is as slow to refuse, and the password is never right. */
  user: { id: string; password_hash: string | null } | null
  address: string
}

/** The one way in which a password is tried, whoever asks: browser, script, step-up, or an MQTT CONNECT. */
export async function provePassword(
  counting: Counting,
  { username, password, user, address }: Claim,
): Promise<PasswordProof> {
  const attempt = { secret: 'password', username, address } as const
  const waitSeconds = await countAttempt(counting, attempt)
  if (waitSeconds > 0) return { outcome: 'throttled', waitSeconds }
  const stored = user?.password_hash ?? null
  const match = await matchPassword(stored, password)
  if (!user || stored === null || match === 'none') return { outcome: 'wrong' }
  if (match === 'current') return { outcome: 'right', hash: stored, settle: (trx) => clearAttempt(trx, attempt) }
  const hash = await hashPassword(password)
  return {
    outcome: 'right',
    hash,
    settle: async (trx) => {
      await clearAttempt(trx, attempt)
      await replaceHash(trx, { userId: user.id, from: stored, to: hash })
    },
  }
}
