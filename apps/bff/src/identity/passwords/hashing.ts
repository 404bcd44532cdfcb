/**
 * Hashes passwords with argon2id, 46 MiB, one pass, one lane (OWASP Password Storage Cheat Sheet). Hashing is slow on purpose, so it
 * never runs inside a transaction. An unknown user costs the same time as a known one.
 */
import { hash, verify } from '@node-rs/argon2'
import { oneTimePassword } from '../../platform/base/secret.ts'
import { normalised } from './normalisation.ts'

// argon2id is the library's default. Its enum cannot be imported by name here, so a test checks the result.
const production = { memoryCost: 46 * 1024, timeCost: 1, parallelism: 1 }
let options = production

export function hashPassword(password: string): Promise<string> {
  return hash(normalised(password), options)
}

/**
 * Hashes with this memory from now on, for tests that sign in hundreds of times; null restores the memory of production. A test
 * holds that the server never calls it. A hash contains its own parameters, so stored hashes keep theirs.
 */
export function hashWithMemoryForTests(kib: number | null): void {
  options = kib === null ? production : { ...production, memoryCost: kib }
  decoy = undefined
}

/** `outdated`: right, but the stored hash is of the password as typed, from before passwords were normalised. */
export type Match = 'none' | 'current' | 'outdated'

let decoy: Promise<string> | undefined

/** A user without a password gets `none` after the same work. */
export async function matchPassword(stored: string | null, password: string): Promise<Match> {
  decoy ??= hashPassword(oneTimePassword())
  const against = stored ?? (await decoy)
  if (await verify(against, normalised(password))) return stored === null ? 'none' : 'current'
  // Only a password that is not in NFC costs a second hash, for known and unknown users alike.
  if (password === normalised(password)) return 'none'
  const matches = await verify(against, password)
  return stored !== null && matches ? 'outdated' : 'none'
}

export async function verifyPassword(stored: string | null, password: string): Promise<boolean> {
  return (await matchPassword(stored, password)) !== 'none'
}
