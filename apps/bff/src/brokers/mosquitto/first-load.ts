/**
 * Writes all users into the file of the plugin before Mosquitto starts. By commands ten thousand users take minutes, because
 * Mosquitto writes this file again after each command.
 */
import { chown, open, readFile, rename, rm, stat } from 'node:fs/promises'
import type { DynsecClient } from './desired-state.ts'
import { wantedDefaults } from './dynsec-base.ts'
import { markRole, roleOf } from './dynsec-plan.ts'

/** The file as `mosquitto_ctrl dynsec init` makes it, or as Mosquitto has written it. Fields that are not named here stay. */
interface DynsecFile {
  clients: Named<'username'>[]
  roles: Named<'rolename'>[]
  [more: string]: unknown
}

type Named<K extends string> = Record<K, string> & Record<string, unknown>

export class FirstLoadError extends Error {
  override name = 'FirstLoadError'
  readonly code: 'not_allowed' | 'running' | 'not_dynsec' | 'too_large'
  constructor(code: FirstLoadError['code'], options?: ErrorOptions) {
    super(code, options)
    this.code = code
  }
}

const maxFileBytes = 256 * 1024 * 1024

/**
 * Replaces the managed clients and their roles in the file, and keeps what else is in it: the client by which the console
 * administers the broker, and those of others. Mosquitto must not run: it would overwrite the file with what it has. Rejects with
 * `FirstLoadError` for a file that is not one of the plugin.
 */
export async function writeFirstLoad(path: string, clients: readonly DynsecClient[]): Promise<void> {
  const before = await readDynsecFile(path)
  const names = new Set(clients.map(({ username }) => username))
  const isOwn = ({ username, roles }: DynsecFile['clients'][number]) =>
    names.has(username) || namesOf(roles).includes(markRole)
  const gone = new Set(before.clients.filter(isOwn).map(({ username }) => roleOf(username)))
  const isOwnRole = (name: string) =>
    name === markRole || gone.has(name) || (name.startsWith('u:') && names.has(name.slice(2)))
  const file: DynsecFile = {
    ...before,
    defaultACLAccess: wantedDefaults,
    clients: [...before.clients.filter((client) => !isOwn(client)), ...clients.map(toClient)],
    roles: [
      ...before.roles.filter(({ rolename }) => !isOwnRole(rolename)),
      { rolename: markRole, acls: [] },
      ...clients.map(({ username, acls }) => ({ rolename: roleOf(username), acls })),
    ],
  }
  await replaceFile(path, JSON.stringify(file))
}

function toClient({ username }: DynsecClient): DynsecFile['clients'][number] {
  return { username, textdescription: '', roles: [roleOf(username), markRole].map((rolename) => ({ rolename })) }
}

async function readDynsecFile(path: string): Promise<DynsecFile> {
  const { size } = await stat(path)
  if (size > maxFileBytes) throw new FirstLoadError('too_large')
  let value: unknown
  try {
    value = JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    throw new FirstLoadError('not_dynsec', { cause: error })
  }
  if (!isDynsecFile(value)) throw new FirstLoadError('not_dynsec')
  return value
}

function isDynsecFile(value: unknown): value is DynsecFile {
  if (typeof value !== 'object' || value === null) return false
  const { clients, roles } = value as Record<string, unknown>
  return areNamed(clients, 'username') && areNamed(roles, 'rolename')
}

function areNamed(values: unknown, field: string): boolean {
  return (
    Array.isArray(values) &&
    values.every((each) => typeof each === 'object' && each !== null && typeof each[field] === 'string')
  )
}

function namesOf(roles: unknown): string[] {
  if (!Array.isArray(roles)) return []
  return roles.flatMap((role: unknown) => {
    const name = typeof role === 'object' && role !== null ? (role as Record<string, unknown>)['rolename'] : null
    return typeof name === 'string' ? [name] : []
  })
}

/** Keeps the owner and the mode: Mosquitto runs as another user and writes the file, too. */
async function replaceFile(path: string, text: string): Promise<void> {
  const { uid, gid, mode } = await stat(path)
  const draft = `${path}.gatehouse`
  await rm(draft, { force: true })
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.chmod(mode & 0o777)
    await file.sync()
  } finally {
    await file.close()
  }
  if (uid !== process.getuid?.() || gid !== process.getgid?.()) await chown(draft, uid, gid)
  await rename(draft, path)
}
