/** `password_file`: `username:hash` in each line, written by `mosquitto_passwd`. */
import { maxImportedUsers } from '@gatehouse/contract/brokers/mosquitto-import'
import { type ForeignHash, readForeignHash } from '../../identity/passwords/imported-hash.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Findings, Place } from './findings.ts'
import { type GivenFile, placeOf, visitLines } from './source-lines.ts'

export interface PasswordLine {
  username: string
  place: Place
  hash: ForeignHash
}

/**
 * Returns the users with a usable hash by name. The first line of a name counts, as in Mosquitto. Throws `import_too_large` for more
 * users than one import may have.
 */
export async function readPasswordFile(file: GivenFile, findings: Findings): Promise<Map<string, PasswordLine>> {
  const users = new Map<string, PasswordLine>()
  await visitLines(file, findings, (line) => {
    if (line.text === '' || line.text.startsWith('#')) return
    const colon = line.text.indexOf(':')
    const username = colon < 0 ? line.text : line.text.slice(0, colon)
    // Never the rest of the line: it is a hash or a password.
    const place = placeOf(file, line, username)
    if (colon <= 0) return findings.add('line_invalid', { ...place, text: '' })
    if (users.has(username)) return findings.add('username_twice', place)
    const hash = readForeignHash(line.text.slice(colon + 1))
    if (typeof hash === 'string') return findings.add(hash, place, username)
    users.set(username, { username, place, hash })
    if (users.size > maxImportedUsers) throw new Problem('import_too_large')
  })
  return users
}
