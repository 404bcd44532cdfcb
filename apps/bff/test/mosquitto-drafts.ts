/** Reads files of Mosquitto for tests, and shows a draft in short. */
import type { FindingCode } from '@gatehouse/contract/brokers/mosquitto-import'
import type { Draft } from '../src/brokers/mosquitto-import/draft.ts'
import type { GivenFile } from '../src/brokers/mosquitto-import/source-lines.ts'

/** A valid hash of an unknown password. */
export const hash = `$7$101$${Buffer.alloc(12).toString('base64')}$${Buffer.alloc(64).toString('base64')}`
export const passwords = (...names: string[]): GivenFile => ({
  path: 'passwd',
  text: names.map((name) => `${name}:${hash}\n`).join(''),
})
export const acl = (...lines: string[]): GivenFile => ({ path: 'acl', text: `${lines.join('\n')}\n` })

/** The rights of a user by all its roles: `r topic`, `w topic`, `rw topic`. */
export function rightsOf({ users, roles }: Draft, username: string): string[] {
  const user = users.get(username)
  const all = [
    ...(user?.permissions ?? []),
    ...(user?.roles ?? []).flatMap((name) => roles.get(name)?.permissions ?? []),
  ]
  const short = { read: 'r', write: 'w', readWrite: 'rw' }
  return all.map(({ operation, resource }) => `${short[operation]} ${resource}`).toSorted()
}

/** `file:line code users`. */
export function found({ findings }: Draft, ...codes: FindingCode[]): string[] {
  return findings
    .list()
    .filter(({ code }) => codes.length === 0 || codes.includes(code))
    .map(({ file, line, code, users }) => `${file}:${line} ${code} ${users}`)
}
