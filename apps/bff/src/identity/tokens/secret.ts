/**
 * What a token looks like: `gth_`, 256 random bits, a checksum. The prefix lets scanners of repositories find one that was
 * published by mistake; the checksum lets them, and us, tell it from a word that only looks alike, without asking a database.
 * Letters and digits only, so that a double click selects all of it.
 */
import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

const prefix = 'gth_'
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** 62⁴³ is more than 2²⁵⁶, 62⁶ more than 2³². */
const randomLength = 43
const checksumLength = 6

export function newTokenSecret(): string {
  const random = inBase62(BigInt(`0x${randomBytes(32).toString('hex')}`), randomLength)
  return prefix + random + checksumOf(random)
}

/** False for what cannot be a token. Those that were made before there was a prefix are taken as they are. */
export function mayBeToken(secret: string): boolean {
  if (!secret.startsWith(prefix)) return true
  const end = prefix.length + randomLength
  return secret.slice(end) === checksumOf(secret.slice(prefix.length, end))
}

function checksumOf(random: string): string {
  return inBase62(BigInt(crc32(random)), checksumLength)
}

function inBase62(value: bigint, length: number): string {
  let digits = ''
  for (let rest = value; digits.length < length; rest /= 62n) digits = alphabet[Number(rest % 62n)] + digits
  return digits
}
