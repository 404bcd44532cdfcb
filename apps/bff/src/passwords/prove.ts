import type { Trx } from '../db/open.ts'
import { type Counting, clearAttempt, countAttempt } from './attempts.ts'
import { verifyPassword } from './hashing.ts'

/** `settle` takes the attempt back: whoever accepts the proof does it with what else it writes. */
export type PasswordProof =
  | { outcome: 'right'; settle: (trx: Trx) => Promise<void> }
  | { outcome: 'wrong' }
  | { outcome: 'throttled'; waitSeconds: number }

interface Claim {
  username: string
  password: string
  /** Null for an unknown user and for one without a password: as slow, and never right. */
  hash: string | null
  address: string
}

/** The one way in which a password is tried, whoever asks: browser, script, step-up, or an MQTT CONNECT. */
export async function provePassword(
  counting: Counting,
  { username, password, hash, address }: Claim,
): Promise<PasswordProof> {
  const attempt = { secret: 'password', username, address } as const
  const waitSeconds = await countAttempt(counting, attempt)
  if (waitSeconds > 0) return { outcome: 'throttled', waitSeconds }
  if (!(await verifyPassword(hash, password))) return { outcome: 'wrong' }
  return { outcome: 'right', settle: (trx) => clearAttempt(trx, attempt) }
}
