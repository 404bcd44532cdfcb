/**
 * The format of a token: `gth_`, 256 random bits, a checksum. By the prefix, secret scanners find a token that was published by
 * mistake. By the checksum, they and the server recognise other words without a database. It has only letters and digits, so that a
 * double click selects all of it.
 */
import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

const prefix = 'gth_'
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** 62⁴³ > 2²⁵⁶ and 62⁶ > 2³². */
const randomLength = 43
const checksumLength = 6

export function newTokenSecret(): string {
  const random = inBase62(BigInt(`0x${randomBytes(32).toString('hex')}`), randomLength)
  return prefix + random + checksumOf(random)
}

/** False for a text that cannot be a token. Tokens from before the prefix existed have no format to check. */
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
