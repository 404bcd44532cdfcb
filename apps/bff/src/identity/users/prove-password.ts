import type { Trx } from '../../platform/db/open.ts'
import { type Attempt, type Counting, countAttempt } from '../passwords/attempts.ts'
import { hashPassword, matchPassword } from '../passwords/hashing.ts'
import type { ProviderAccount } from '../providers/connector.ts'
import type { DirectoryPasswords } from './directory-passwords.ts'
import { mostImportedIterations, replaceHash } from './store.ts'

export type PasswordProof =
  | {
      outcome: 'right'
      /** The stored hash that the password was right for. Null: a directory checked it. */
      stored: string | null
      /** Whose password it is, where a directory checked it. */
      account: ProviderAccount | null
      /** The password suffices only together with a code. Without the code the caller answers as to a wrong password. */
      needsCode: boolean
      /** Takes the attempt back and replaces an outdated hash. The caller runs it in the transaction in which it accepts the proof. */
      settle: (trx: Trx) => Promise<void>
    }
  | { outcome: 'wrong'; needsCode: boolean }
  | {
      /** A directory that may know the user does not answer, so the password may be right. */
      outcome: 'unavailable'
      needsCode: boolean
      /** Takes the attempt back, unless another directory refused the password. The caller runs it in a transaction. */
      settle: (trx: Trx) => Promise<void>
    }
  | { outcome: 'throttled'; waitSeconds: number; takesCode: boolean }

interface Claim extends Pick<Attempt, 'username' | 'source' | 'hasCode'> {
  secret?: 'password' | 'mqtt'
  password: string
  /** The name at the directory, where it differs from the username here. */
  nameThere?: string | null
  /** Null for an unknown user. Refusing a user without a password takes the same time as refusing a wrong password. */
  user: { id: string; password_hash: string | null; identity_provider: string } | null
}

export interface Proving extends Counting {
  directories: DirectoryPasswords
}

/** The only function that checks a password, for the browser, scripts, step-up and MQTT CONNECT. */
export async function provePassword(
  counting: Proving,
  { secret = 'password', password, user, nameThere, ...attempt }: Claim,
): Promise<PasswordProof> {
  const verdict = await countAttempt(counting, { ...attempt, secret, userId: user?.id ?? null })
  if (verdict.outcome === 'waiting') {
    const { waitSeconds, takesCode } = verdict
    return { outcome: 'throttled', waitSeconds, takesCode }
  }
  const { needsCode, clear, takeBack } = verdict
  const stored = user?.password_hash ?? null
  const use = secret === 'mqtt' ? 'mqtt' : 'console'
  const origin = user?.identity_provider ?? null
  // An imported password works over MQTT only: the policy for passwords of the console never judged it.
  const imported = secret === 'mqtt' ? { mostIterations: await mostImportedIterations(counting.db) } : 'refused'
  // At the same time, and both for every name that is not local.
  const [match, answer] = await Promise.all([
    matchPassword(stored, password, imported),
    counting.directories.ask({ username: nameThere ?? attempt.username, password, origin, use }),
  ])
  if (answer.outcome === 'right') {
    return { outcome: 'right', stored: null, account: answer.account, needsCode, settle: clear }
  }
  if (answer.outcome === 'unavailable') {
    // Otherwise one silent directory would allow any number of guesses at the others.
    const settle = answer.isRefused ? async () => {} : takeBack
    return { outcome: 'unavailable', needsCode, settle }
  }
  if (!user || stored === null || match === 'none') return { outcome: 'wrong', needsCode }
  const right = { outcome: 'right', stored, account: null, needsCode } as const
  if (match === 'current') return { ...right, settle: clear }
  const hash = await hashPassword(password)
  const settle = async (trx: Trx) => {
    await clear(trx)
    await replaceHash(trx, { userId: user.id, from: stored, to: hash })
  }
  return { ...right, settle }
}
