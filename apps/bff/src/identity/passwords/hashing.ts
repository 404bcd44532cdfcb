/**
 * Hashes passwords with argon2id, 46 MiB, one pass, one lane (OWASP Password Storage Cheat Sheet). Hashing is slow on purpose, so it
 * never runs inside a transaction. An unknown user costs the same time as a known one.
 */
import { hash, verify } from '@node-rs/argon2'
import { oneTimePassword } from '../../platform/base/secret.ts'
import { type ForeignHash, foreignDigest, readImported, spendIterations, writeImported } from './imported-hash.ts'
import { normalised } from './normalisation.ts'

// argon2id is the library's default. Its enum cannot be imported by name here, so a test checks the result.
const production = { memoryCost: 46 * 1024, timeCost: 1, parallelism: 1 }
let options = production

export function hashPassword(password: string): Promise<string> {
  return hash(normalised(password), options)
}

/** The text to store for an imported hash: argon2id over it. A hash that is argon2id already stays as it is. */
export async function hashForeign(foreign: ForeignHash): Promise<string> {
  if (foreign.scheme === 'argon2id') return writeImported({ ...foreign, salt: Buffer.alloc(0) }, foreign.phc)
  return writeImported(foreign, await hash(foreign.hash.toString('base64'), options))
}

/**
 * Hashes with this memory from now on, for tests that sign in hundreds of times; null restores the memory of production. A test
 * holds that the server never calls it. A hash contains its own parameters, so stored hashes keep theirs.
 */
export function hashWithMemoryForTests(kib: number | null): void {
  options = kib === null ? production : { ...production, memoryCost: kib }
  decoy = undefined
}

/**
 * `outdated`: right, but the stored hash must be replaced: it is of the password as typed, from before passwords were normalised, or
 * it was imported.
 */
export type Match = 'none' | 'current' | 'outdated'

let decoy: Promise<string> | undefined

/** How an imported hash counts. `refused`: as if the user had no password. */
export type ImportedHashes = 'refused' | { mostIterations: number }

/** A user without a password gets `none` after the same work. */
export async function matchPassword(
  stored: string | null,
  password: string,
  imported: ImportedHashes = 'refused',
): Promise<Match> {
  decoy ??= hashPassword(oneTimePassword())
  const found = stored === null ? null : readImported(stored)
  if (found && imported !== 'refused') return matchImported(found, password, imported)
  if (imported !== 'refused') await spendIterations(imported.mostIterations * formsOf(password).length)
  const isDecoy = stored === null || found !== null
  const against = isDecoy ? await decoy : stored
  if (await verify(against, normalised(password))) return isDecoy ? 'none' : 'current'
  // Only a password that is not in NFC costs a second hash, for known and unknown users alike.
  if (password === normalised(password)) return 'none'
  const matches = await verify(against, password)
  return !isDecoy && matches ? 'outdated' : 'none'
}

/** Costs as much as the most expensive imported hash, whichever the user has. */
async function matchImported(
  found: NonNullable<ReturnType<typeof readImported>>,
  password: string,
  { mostIterations }: { mostIterations: number },
): Promise<Match> {
  const forms = formsOf(password)
  await spendIterations((mostIterations - found.iterations) * forms.length)
  // Mosquitto hashed the bytes as they were sent, which may be either form.
  for (const form of forms) {
    if (await verify(found.phc, await foreignDigest(found, form))) return 'outdated'
  }
  return 'none'
}

/** The forms of a password that are tried: two only if it is not in NFC. */
function formsOf(password: string): string[] {
  return [...new Set([normalised(password), password])]
}

export async function verifyPassword(stored: string | null, password: string): Promise<boolean> {
  return (await matchPassword(stored, password)) !== 'none'
}
