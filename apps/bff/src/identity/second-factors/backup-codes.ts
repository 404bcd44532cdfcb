/** Backup codes: ten of 65 bits each, without letters and digits that look alike. They are shown once. */
import { randomInt } from 'node:crypto'
import { backupCodeCount } from '@gatehouse/contract/identity/second-factors'

// Crockford's base 32: no I, L, O, U.
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const length = 13

export function newBackupCodes(): string[] {
  return Array.from({ length: backupCodeCount }, newBackupCode)
}

/** The form for the digest. Case, spaces and hyphens do not matter, and O, I and L are read as 0, 1 and 1. */
export function canonical(typed: string): string {
  return typed.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1')
}

function newBackupCode(): string {
  const characters = Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('')
  return `${characters.slice(0, 4)}-${characters.slice(4, 8)}-${characters.slice(8)}`
}
