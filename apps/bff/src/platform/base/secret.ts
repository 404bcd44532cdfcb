/** Secrets: 256 random bits, shown once, stored only as a hash. */
import { hash, randomBytes, randomInt } from 'node:crypto'

/** Makes a session id or token: 256 bits, base64url. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** How a secret is stored. With 256 random bits a plain hash is enough (ASVS 6.5.2). */
export function hashSecret(secret: string): string {
  return hash('sha256', secret)
}

// Without 0 O 1 l I, because people read it aloud and type it.
const readable = 'ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789'

/** Makes a one-time password: four groups of five readable characters, 115 bits. */
export function oneTimePassword(): string {
  return [group(), group(), group(), group()].join('-')
}

function group(): string {
  return Array.from({ length: 5 }, () => readable[randomInt(readable.length)]).join('')
}
