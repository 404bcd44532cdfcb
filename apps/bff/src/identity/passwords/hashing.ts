/**
 * Passwords at rest: argon2id, 46 MiB, one pass, one lane (OWASP's first choice). Slow on purpose, so never inside a
 * transaction. An unknown user costs what a known one costs.
 */
import { hash, verify } from '@node-rs/argon2'
import { oneTimePassword } from '../../platform/base/secret.ts'
import { normalised } from './normalisation.ts'

// argon2id is the library's default; its enum cannot be imported by name here, a test looks at the result.
const options = { memoryCost: 46 * 1024, timeCost: 1, parallelism: 1 }

export function hashPassword(password: string): Promise<string> {
  return hash(normalised(password), options)
}

/** `outdated`: right, and the stored hash is that of the password as it was typed, from before passwords were normalised. */
export type Match = 'none' | 'current' | 'outdated'

let decoy: Promise<string> | undefined

/** `none` for a user without a password as well, after the same work. */
export async function matchPassword(stored: string | null, password: string): Promise<Match> {
  decoy ??= hashPassword(oneTimePassword())
  const against = stored ?? (await decoy)
  if (await verify(against, normalised(password))) return stored === null ? 'none' : 'current'
  // Only what is typed in another form than NFC costs a second hash, whether the user is known or not.
  if (password === normalised(password)) return 'none'
  const matches = await verify(against, password)
  return stored !== null && matches ? 'outdated' : 'none'
}

export async function verifyPassword(stored: string | null, password: string): Promise<boolean> {
  return (await matchPassword(stored, password)) !== 'none'
}
