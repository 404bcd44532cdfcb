/** Our side: the application in its own process, with a given number of users. */
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Permission } from '@gatehouse/contract/access/permission'
import { roles } from '@gatehouse/contract/access/roles'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { type Call, createClient } from '@gatehouse/contract/client'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { Gatehouse } from '../../e2e/support/server.ts'
import { freePort } from '../../scripts/free-port.ts'
import { runQuietly } from '../../scripts/run.mjs'
import type { Identity } from '../identities.ts'
import type { Target } from '../load/connections.ts'

const root = resolve(import.meta.dirname, '../..')
const node = join(root, 'node_modules/node/bin/node')
const seed = join(root, 'scripts/seed.ts')
export const admin = { username: 'admin', password: 'a long password for measuring' }

export interface Ours {
  gatehouse: Gatehouse
  call: Call
  /** Of the first administrator. */
  token: string
  tls: Target
  /** For `collectGarbage`. */
  inspectorPort: number
}

/** Data folders with users, made once per number of users and copied for a part that writes. */
export class Installations {
  readonly #made = new Map<number, Promise<string>>()
  readonly #running: Gatehouse[] = []
  readonly #folders: string[] = []

  /** Starts the application, also with these settings, and makes a token of the administrator. */
  async start(userCount: number, settings: Record<string, string> = {}): Promise<Ours> {
    const folder = await this.#copyOf(userCount)
    const inspectorPort = await freePort()
    const gatehouse = new Gatehouse(folder, {
      GATEHOUSE_LOG_LEVEL: 'info',
      GATEHOUSE_ENFORCERS_PORT: '0',
      NODE_OPTIONS: `--inspect-port=127.0.0.1:${inspectorPort}`,
      ...settings,
    })
    this.#running.push(gatehouse)
    await gatehouse.start()
    const { token } = await createClient({ baseUrl: gatehouse.url })(session.login, { body: admin })
    const call = createClient({ baseUrl: gatehouse.url, headers: { Authorization: `Bearer ${token}` } })
    const { port } = new URL(gatehouse.mqttsUrl)
    return { gatehouse, call, token, tls: { host: '127.0.0.1', port: Number(port), speaks: 'mqtt' }, inspectorPort }
  }

  /** Called after each part, so that the next one has the machine to itself. */
  async stopAll(): Promise<void> {
    for (const gatehouse of this.#running.splice(0)) await gatehouse.stop()
  }

  async remove(): Promise<void> {
    await this.stopAll()
    for (const folder of this.#folders) await rm(folder, { recursive: true, force: true })
  }

  async #copyOf(userCount: number): Promise<string> {
    if (!this.#made.has(userCount)) this.#made.set(userCount, this.#make(userCount))
    const folder = await this.#newFolder()
    await cp((await this.#made.get(userCount)) ?? '', folder, { recursive: true })
    return folder
  }

  async #make(userCount: number): Promise<string> {
    const folder = await this.#newFolder()
    const environment = { GATEHOUSE_DATA_DIR: folder, GATEHOUSE_ADMIN_PASSWORD: admin.password }
    const { code, output } = await runQuietly(node, [seed, '--users', String(userCount)], environment)
    if (code !== 0) throw new Error(`The installation could not be filled:\n${output}`)
    return folder
  }

  async #newFolder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'))
    this.#folders.push(folder)
    return folder
  }
}

/** Admits these devices by certificate. Returns the fingerprint of the CA. */
export async function admit(call: Call, authorityPem: string, machines: readonly Identity[]): Promise<string> {
  const fingerprint = await trust(call, authorityPem)
  await addMachines(call, machines, { context: 'mqtt', resource: 'bench/#', operation: 'readWrite' })
  return fingerprint
}

export async function addMachines(call: Call, machines: readonly Identity[], permission: Permission): Promise<void> {
  const role = await call(roles.create, { body: { name: 'bench-machine', permissions: [permission] } })
  const grantTypes = [{ method: 'certificate' as const, isRequired: false }]
  for (const { username } of machines) {
    await call(users.create, { body: { username, kind: 'machine', grantTypes, roles: [role.id] } })
  }
}

/** Returns the fingerprint of the first one. */
export async function trust(call: Call, pem: string): Promise<string> {
  const { added } = await call(authorities.create, { body: { certificates: pem } })
  const [first] = added
  if (!first) throw new Error('Trusted already')
  return first.fingerprint
}
