/** Secrets: made from 256 random bits, given out once, kept only as a hash. */
import { hash, randomBytes, randomInt } from 'node:crypto'

/** A session id or token: 256 bits, base64url. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** How a secret is stored. With 256 random bits a plain hash suffices (ASVS 6.5.2). */
export function hashSecret(secret: string): string {
  return hash('sha256', secret)
}

// Without 0 O 1 l I: read aloud and typed by hand.
const readable = 'ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789'

/** A password for one use: four groups of five readable characters, 115 bits. */
export function oneTimePassword(): string {
  return [group(), group(), group(), group()].join('-')
}

function group(): string {
  return Array.from({ length: 5 }, () => readable[randomInt(readable.length)]).join('')
}
