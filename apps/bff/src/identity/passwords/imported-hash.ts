/**
 * Password hashes of Mosquitto, which an import brings along. Their passwords are not known, so the import stores argon2id of the
 * foreign hash: a guess at a stolen row costs at least one argon2id. The first right password replaces it with a plain hash.
 */
import { createHash, pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify(pbkdf2)

/** The hash of a line: `$6$` (SHA-512 with salt), `$7$` (PBKDF2-HMAC-SHA512) or `$argon2id$`, as `mosquitto_passwd` writes them. */
export type ForeignHash =
  | { scheme: 'sha512' | 'pbkdf2-sha512'; iterations: number; salt: Buffer; hash: Buffer }
  | { scheme: 'argon2id'; iterations: 0; phc: string }

export type ForeignHashProblem = 'not_hashed' | 'malformed_hash' | 'too_many_iterations' | 'argon2_parameters'

/**
 * The most iterations of PBKDF2: about 0.2 s of one core. Each sign-in over MQTT costs as much as the most expensive imported hash,
 * so a higher bound would let one line slow all sign-ins down.
 */
export const maxIterations = 100_000

/** SHA-512 fills 64 bytes. Mosquitto 2.0 writes salts of 12 bytes, Mosquitto 2.1 of 64. */
const hashBytes = 64
const saltBytes = [12, 64]

/** Reads a hash as it stands in a `password_file` or in `encoded_password` of dynamic security. */
export function readForeignHash(text: string): ForeignHash | ForeignHashProblem {
  if (!text.startsWith('$')) return 'not_hashed'
  if (text.startsWith('$argon2id$')) return readArgon2(text)
  const [, scheme, ...parts] = text.split('$')
  if (scheme === '6' && parts.length === 2) return readSalted({ scheme: 'sha512', iterations: '1', parts })
  if (scheme === '7' && parts.length === 3) {
    const [iterations = '', ...rest] = parts
    return readSalted({ scheme: 'pbkdf2-sha512', iterations, parts: rest })
  }
  return 'malformed_hash'
}

interface Salted {
  scheme: 'sha512' | 'pbkdf2-sha512'
  iterations: string
  parts: readonly string[]
}

function readSalted({ scheme, iterations: written, parts }: Salted): ForeignHash | ForeignHashProblem {
  const [salt, hash] = parts.map(readBase64)
  const iterations = /^[1-9]\d{0,9}$/.test(written) ? Number(written) : null
  if (!salt || !hash || iterations === null) return 'malformed_hash'
  if (!saltBytes.includes(salt.length) || hash.length !== hashBytes) return 'malformed_hash'
  return iterations > maxIterations ? 'too_many_iterations' : { scheme, iterations, salt, hash }
}

function readBase64(text: string): Buffer | null {
  return /^[A-Za-z0-9+/]{1,88}={0,2}$/.test(text) ? Buffer.from(text, 'base64') : null
}

/** KiB and passes of our own hashes. Mosquitto 2.1 writes the same. A weaker hash is refused, and one that costs over twice as much. */
const leastCost = 46 * 1024
const mostCost = 2 * leastCost

function readArgon2(phc: string): ForeignHash | ForeignHashProblem {
  const form = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=1\$[A-Za-z0-9+/]{11,88}\$[A-Za-z0-9+/]{22,88}$/
  const [, memory, passes] = form.exec(phc) ?? []
  if (memory === undefined || passes === undefined) return 'argon2_parameters'
  const isStrong = Number(memory) >= leastCost && Number(passes) >= 1
  return isStrong && Number(memory) * Number(passes) <= mostCost
    ? { scheme: 'argon2id', iterations: 0, phc }
    : 'argon2_parameters'
}

/** What the database keeps of a foreign hash besides argon2id of it. */
export interface ForeignParameters {
  scheme: ForeignHash['scheme']
  iterations: number
  salt: Buffer
}

/** The foreign hash of this password, for argon2id. A password that is itself hashed with argon2id is passed on. */
export async function foreignDigest(
  { scheme, iterations, salt }: ForeignParameters,
  password: string,
): Promise<string> {
  if (scheme === 'argon2id') return password
  if (scheme === 'sha512') return createHash('sha512').update(password).update(salt).digest('base64')
  return (await derive(password, salt, iterations, hashBytes, 'sha512')).toString('base64')
}

const mark = 'mosquitto'

/** The text in the database: `mosquitto:scheme:iterations:salt:` and argon2id in PHC format. */
export function writeImported({ scheme, iterations, salt }: ForeignParameters, phc: string): string {
  return [mark, scheme, iterations, salt.toString('base64'), phc].join(':')
}

/** Null for a hash that is not an imported one. */
export function readImported(stored: string): (ForeignParameters & { phc: string }) | null {
  const [marked, scheme, iterations, salt = '', phc] = stored.split(':')
  if (marked !== mark || phc === undefined) return null
  return {
    scheme: scheme as ForeignHash['scheme'],
    iterations: Number(iterations),
    salt: Buffer.from(salt, 'base64'),
    phc,
  }
}

/** Takes the time of PBKDF2 with this many iterations, so that the answer does not say whether a user was imported. */
export async function spendIterations(iterations: number): Promise<void> {
  if (iterations > 0) await derive('', 'no salt here', iterations, hashBytes, 'sha512')
}
