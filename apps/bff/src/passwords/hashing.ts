/**
 * Passwords at rest: argon2id, 46 MiB, one pass, one lane (OWASP's first choice). Slow on purpose, so never inside a
 * transaction. An unknown user costs what a known one costs.
 */
import { hash, verify } from '@node-rs/argon2'
import { oneTimePassword } from '../base/secret.ts'

// argon2id is the library's default; its enum cannot be imported by name here, a test looks at the result.
const options = { memoryCost: 46 * 1024, timeCost: 1, parallelism: 1 }

export function hashPassword(password: string): Promise<string> {
  return hash(password, options)
}

let decoy: Promise<string> | undefined

/** False for a user without a password as well, after the same work. */
export async function verifyPassword(stored: string | null, password: string): Promise<boolean> {
  decoy ??= hashPassword(oneTimePassword())
  const matches = await verify(stored ?? (await decoy), password)
  return stored !== null && matches
}
