/** The commands of Mosquitto's dynamic-security plugin ("dynsec") that the console uses, in bounded messages. */

import type { DynsecAcl } from './acls.ts'
import { type ControlClient, ControlError, type ControlResponse, maxCommandBytes } from './control-client.ts'

export const dynsecTopic = '$CONTROL/dynamic-security/v1'

export type DynsecCommand = Readonly<Record<string, unknown>> & { command: string }

/** A client as dynsec has it. */
export interface FoundClient {
  username: string
  /** `password <tag>` where the console set the password. */
  textdescription: string
  roles: string[]
  groups: string[]
  isDisabled: boolean
}

export interface FoundRole {
  rolename: string
  acls: FoundAcl[]
}

/** As `DynsecAcl`, of any type. */
export type FoundAcl = Omit<DynsecAcl, 'acltype'> & { acltype: string }

export interface FoundState {
  clients: Map<string, FoundClient>
  roles: Map<string, FoundRole>
  groups: string[]
  /** By type, such as `publishClientReceive`. */
  defaults: Map<string, boolean>
}

export interface Failure {
  command: string
  error: string
}

/**
 * Mosquitto serves no other client while it handles a message. Version 2.0 writes its whole file after each command, also where one
 * message has many: with ten thousand users that takes a few hundred milliseconds each. Version 2.1 writes it once for a message. So a
 * message has as many commands as take about half a second, and at most twice as many as the one before. A message whose commands were
 * all refused was quick without a write of the file: the next one has no more than it.
 */
const messageMs = 500
const firstCommandsAtOnce = 8
const mostCommandsAtOnce = 500
/** With room for what the control client adds to each command. */
const mostBytesAtOnce = maxCommandBytes / 2
const listedAtOnce = 500
const mostCounted = 100
/** More than a Mosquitto of this size can administer anyway. */
const maxListed = 200_000

export class Dynsec {
  readonly #control: Pick<ControlClient, 'send'>
  /** As many as took about half a second the last time. */
  #atOnce = firstCommandsAtOnce

  constructor(control: Pick<ControlClient, 'send'>) {
    this.#control = control
  }

  /** Runs the commands in order, without rollback. Returns those that failed. `onProgress`: commands done. */
  async run(commands: readonly DynsecCommand[], onProgress?: (done: number) => void): Promise<Failure[]> {
    const failures: Failure[] = []
    for (let at = 0; at < commands.length; ) {
      const some = takeFirst(commands, at, this.#atOnce)
      const startedAt = performance.now()
      const responses = await this.#send(some)
      const eachMs = (performance.now() - startedAt) / some.length
      for (const { command, error } of responses) if (error !== undefined) failures.push({ command, error })
      at += some.length
      // A message at the end of a run may be short: it does not make the next run slow.
      const most = responses.every(({ error }) => error !== undefined) ? 0 : 2 * some.length
      const allowed = Math.min(mostCommandsAtOnce, Math.max(this.#atOnce, most))
      this.#atOnce = Math.max(1, Math.min(allowed, Math.floor(messageMs / eachMs)))
      onProgress?.(at)
    }
    return failures
  }

  /** After a fault, such as a late answer, the next message is a small one: the last one may have been too much for this Mosquitto. */
  async #send(commands: readonly DynsecCommand[]): Promise<readonly ControlResponse[]> {
    try {
      return await this.#control.send(dynsecTopic, commands)
    } catch (error) {
      this.#atOnce = Math.min(this.#atOnce, firstCommandsAtOnce)
      throw error
    }
  }

  /** Reads everything that the plugin has, in pages. */
  async read(): Promise<FoundState> {
    const clients = (await this.#list('listClients', 'clients')).flatMap(readClient)
    const roles = (await this.#list('listRoles', 'roles')).flatMap(readRole)
    const groups = (await this.#list('listGroups', 'groups')).flatMap((group) => textsOf([group], 'groupname'))
    const { acls } = (await this.#ask({ command: 'getDefaultACLAccess' })).data ?? {}
    const defaults = listOf(acls).flatMap((acl) => {
      const { acltype, allow } = fieldsOf(acl)
      return typeof acltype === 'string' ? [[acltype, allow === true] as const] : []
    })
    return {
      clients: new Map(clients.map((client) => [client.username, client])),
      roles: new Map(roles.map((role) => [role.rolename, role])),
      groups,
      defaults: new Map(defaults),
    }
  }

  /** The connections of these users. Null: this Mosquitto does not name them, as before version 2.1, or there are too many users. */
  async countConnections(usernames: readonly string[]): Promise<number | null> {
    if (usernames.length > mostCounted) return null
    const commands = usernames.map((username) => ({ command: 'getClient', username }))
    let sum = 0
    for (const { data, error } of await this.#control.send(dynsecTopic, commands)) {
      // There is no such client.
      if (error !== undefined) continue
      const { connections } = fieldsOf(data?.['client'])
      if (!Array.isArray(connections)) return null
      sum += connections.length
    }
    return sum
  }

  async #list(command: string, field: string): Promise<unknown[]> {
    const items: unknown[] = []
    for (;;) {
      const { data } = await this.#ask({ command, verbose: true, count: listedAtOnce, offset: items.length })
      const page = listOf(data?.[field])
      items.push(...page)
      // Mosquitto answers the number of all. A broker that answers it wrongly must not keep the console reading.
      const total = Number(data?.['totalCount'] ?? 0)
      if (page.length === 0 || items.length >= total) return items
      if (items.length > maxListed) throw new ControlError('too_large')
    }
  }

  async #ask(command: DynsecCommand): Promise<ControlResponse> {
    const [response] = await this.#control.send(dynsecTopic, [command])
    if (!response || response.error !== undefined) throw new ControlError('not_permitted')
    return response
  }
}

/** Takes at most `most` commands, and no more bytes than a message may have; but at least one command. */
function takeFirst(commands: readonly DynsecCommand[], at: number, most: number): DynsecCommand[] {
  const some: DynsecCommand[] = []
  let bytes = 0
  for (const command of commands.slice(at, at + most)) {
    bytes += Buffer.byteLength(JSON.stringify(command))
    if (some.length > 0 && bytes > mostBytesAtOnce) break
    some.push(command)
  }
  return some
}

function readClient(value: unknown): FoundClient[] {
  const { username, textdescription, roles, groups, disabled } = fieldsOf(value)
  if (typeof username !== 'string') return []
  return [
    {
      username,
      textdescription: typeof textdescription === 'string' ? textdescription : '',
      roles: textsOf(roles, 'rolename'),
      groups: textsOf(groups, 'groupname'),
      isDisabled: disabled === true,
    },
  ]
}

function readRole(value: unknown): FoundRole[] {
  const { rolename, acls } = fieldsOf(value)
  if (typeof rolename !== 'string') return []
  return [{ rolename, acls: listOf(acls).flatMap(readAcl) }]
}

function readAcl(value: unknown): FoundAcl[] {
  const { acltype, topic, priority, allow } = fieldsOf(value)
  if (typeof acltype !== 'string' || typeof topic !== 'string') return []
  return [{ acltype, topic, priority: Number(priority ?? 0), allow: allow === true }]
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

/** The names in a list of objects, or of names. */
function textsOf(values: unknown, field: string): string[] {
  return listOf(values).flatMap((value) => {
    const name = typeof value === 'string' ? value : fieldsOf(value)[field]
    return typeof name === 'string' ? [name] : []
  })
}
