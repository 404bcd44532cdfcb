/**
 * The CA of the agents is replaced: real agents, without a Mosquitto, and one of an earlier version. Each test goes on where the
 * last one ended.
 */
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { brokers } from '@gatehouse/contract/brokers/brokers'
import { enforcerServerName } from '@gatehouse/contract/brokers/enforcer-protocol'
import { enforcers } from '@gatehouse/contract/brokers/enforcers'
import { audit } from '@gatehouse/contract/operations/audit'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freePort } from '../../../../../scripts/free-port.ts'
import { type AgentProcess, agentEnv, killAgents, runAgentCommand, startAgent } from '../../../test/agent-process.ts'
import { refused, startApp, type TestApp } from '../../../test/app.ts'
import { freshAdmin } from '../../../test/authenticator.ts'
import { openKeyring } from '../../identity/second-factors/data-key.ts'
import { systemClock } from '../../platform/base/clock.ts'
import { openDatabase } from '../../platform/db/open.ts'
import { EnforcerHub } from '../enforcers/hub.ts'
import { type EnforcerListener, openEnforcerListener } from '../enforcers/listener.ts'
import { ConsoleClient } from './console-client.ts'
import { enrol, renew } from './enrol.ts'
import { type Identity, IdentityFile } from './identity.ts'

let app: TestApp
let folder: string
/** As a second process of the console. */
let other: { listener: EnforcerListener; close(): Promise<void> }
const agents = new Map<string, { env: Record<string, string>; process: AgentProcess; brokerId: string }>()
/** Of an agent that knows nothing of a replacement. */
let older: { file: IdentityFile; identity: Identity; enforcerId: string }

beforeAll(async () => {
  app = await startApp({
    GATEHOUSE_ENFORCERS_PORT: String(await freePort()),
    GATEHOUSE_MQTT_PORT: 'off',
    GATEHOUSE_MQTTS_PORT: 'off',
  })
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-agents-'))
  other = await openOtherListener()
  for (const name of ['hall-1', 'hall-2']) agents.set(name, await startOf(name))
  const { token, address } = await tokenFor(await addBroker('hall-3'))
  const file = new IdentityFile(await newFolder('hall-3'))
  const identity = await enrol(file, { token, console: address, version: '0.0.9' })
  older = { file, identity, enforcerId: identity.enforcerId }
})
afterAll(async () => {
  killAgents()
  await other.close()
  await app.stop()
  await rm(folder, { recursive: true })
})

async function openOtherListener() {
  const database = await openDatabase(app.database)
  const keyring = await openKeyring(database.db, { given: null, dataDir: app.dataDir })
  const parts = { ...database, clock: systemClock, keyring, hub: new EnforcerHub(systemClock) }
  const listener = await openEnforcerListener(
    { ...parts, log: pino({ level: 'silent' }) },
    { host: '127.0.0.1', port: 0 },
  )
  const close = async () => {
    await listener.close()
    await database.close()
  }
  return { listener, close }
}

async function newFolder(name: string): Promise<string> {
  const path = join(folder, name)
  await mkdir(join(path, 'ca'), { recursive: true })
  return path
}

async function addBroker(name: string): Promise<string> {
  const { id } = await (await freshAdmin(app))(brokers.create, { body: { kind: 'mosquitto-agent', name } })
  return id
}

async function tokenFor(brokerId: string) {
  const admin = await freshAdmin(app)
  const { token } = await admin(enforcers.enrol, { params: { id: brokerId } })
  const { address } = await admin(enforcers.view, { params: { id: brokerId } })
  return { token, address: address ?? '' }
}

async function startOf(name: string) {
  const path = await newFolder(name)
  const files = { capath: join(path, 'ca'), crlFile: join(path, 'crl.pem'), pidFile: join(path, 'pid') }
  const env = await agentEnv({ folder: path, ...files, ports: { control: 1 } })
  const brokerId = await addBroker(name)
  const { token, address } = await tokenFor(brokerId)
  await runAgentCommand(['enrol', address], { ...env, GATEHOUSE_AGENT_TOKEN: token })
  return { env, process: startAgent(env), brokerId }
}

function agentOf(name: string) {
  const agent = agents.get(name)
  if (!agent) throw new Error(name)
  return agent
}

async function kill(name: string): Promise<void> {
  await agentOf(name).process.end('SIGKILL')
}

function startAgain(name: string): void {
  const agent = agentOf(name)
  agent.process = startAgent(agent.env)
}

async function list() {
  return (await freshAdmin(app))(enforcers.list, {})
}

/** The names of the brokers whose agents have followed, during a replacement. */
async function followed(): Promise<string[]> {
  const { items } = await list()
  return items.filter(({ certificate }) => certificate.isOfNextAuthority).map(({ broker }) => broker.name)
}

async function identityOf(name: string): Promise<Identity | null> {
  return new IdentityFile(join(folder, name, 'agent-state')).read()
}

/** Whether a client that trusts this CA only accepts the listener of the other process. */
async function isTrustedThere(authority: string): Promise<boolean> {
  const { port } = other.listener
  const socket = connect({ host: '127.0.0.1', port, servername: enforcerServerName, ca: authority })
  try {
    await once(socket, 'secureConnect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

const pull = { epoch: null, revision: 0, digest: null, waitMs: 0 }

/** One call of the older agent. */
async function byOlder<T>(call: (client: ConsoleClient) => Promise<T>): Promise<T> {
  const client = new ConsoleClient(older.identity)
  try {
    return await call(client)
  } finally {
    client.close()
  }
}

it('lists the agents with their certificates and the CA', async () => {
  const { items, authority } = await list()
  expect(items.map(({ broker, programVersion }) => [broker.name, programVersion])).toEqual([
    ['hall-1', expect.any(String)],
    ['hall-2', expect.any(String)],
    ['hall-3', '0.0.9'],
  ])
  const { serialNumber, validTo } = new X509Certificate(older.identity.certificate)
  expect(items[2]?.certificate).toEqual({
    serialNumber: serialNumber.toLowerCase(),
    endsAt: new Date(validTo).toISOString(),
    isOfNextAuthority: false,
  })
  expect(authority).toMatchObject({ endsSoon: false, next: null })
  expect(await (await app.as('auditor'))(enforcers.list, {})).toMatchObject({ authority: {} })
  await refused((await app.as('operator'))(enforcers.replaceAuthority, {}), 'not_permitted')
})

it('gives a certificate of the next CA to agents that know it, also to one that was not connected', async () => {
  await expect.poll(async () => (await list()).items.filter(({ isConnected }) => isConnected).length).toBe(2)
  await kill('hall-2')
  const before = (await list()).authority?.fingerprint
  const { authority } = await (await freshAdmin(app))(enforcers.replaceAuthority, {})
  expect(authority).toMatchObject({ fingerprint: before, next: { createdAt: expect.any(String) } })
  await expect.poll(followed).toEqual(['hall-1'])
  startAgain('hall-2')
  await expect.poll(followed).toEqual(['hall-1', 'hall-2'])
  // A second request changes nothing.
  expect((await (await freshAdmin(app))(enforcers.replaceAuthority, {})).authority).toEqual(authority)
})

it('renews the certificate of an older agent by the CA that it knows', async () => {
  older.identity = await byOlder((client) => renew(older.file, older.identity, { client }))
  expect(new X509Certificate(older.identity.certificate).verify(publicKeyOf(older.identity.authority))).toBe(true)
  expect(await byOlder((client) => client.pull(pull, AbortSignal.timeout(20_000)))).toMatchObject({
    authorities: [expect.any(String), expect.any(String)],
  })
  expect(await isTrustedThere(older.identity.authority)).toBe(true)
})

it('is completed by force only if the agents that are revoked by it were named', async () => {
  const admin = await freshAdmin(app)
  await refused(admin(enforcers.completeAuthority, { body: { revokes: [] } }), 'changed_meanwhile')
  const { authority: before } = await list()
  const { items, authority } = await admin(enforcers.completeAuthority, { body: { revokes: [older.enforcerId] } })
  expect(items.map(({ broker }) => broker.name)).toEqual(['hall-1', 'hall-2'])
  expect(authority).toMatchObject({ fingerprint: before?.next?.fingerprint, next: null })
  await refused(admin(enforcers.completeAuthority, { body: { revokes: [] } }), 'not_found')
  expect(await lastEvent('enforcers-authority.replaced')).toMatchObject({ actor: { username: 'admin' } })
  expect(await lastEvent('enforcer.revoked')).toMatchObject({ target: { name: 'hall-3' } })
})

it('trusts the former CA no longer, in every process, and the agents forget it', async () => {
  const { fingerprint } = (await list()).authority ?? {}
  await expect.poll(() => isTrustedThere(older.identity.authority)).toBe(false)
  await expect(byOlder((client) => client.pull(pull, AbortSignal.timeout(20_000)))).rejects.toMatchObject({
    code: expect.stringMatching(/CERT|ISSUER|SIGNATURE/),
  })
  for (const name of agents.keys()) {
    await expect.poll(async () => sha256((await identityOf(name))?.authority)).toBe(fingerprint)
    await kill(name)
    startAgain(name)
    await agentOf(name).process.says('The console answers')
  }
})

it('is completed by itself when all agents have followed', async () => {
  await kill('hall-2')
  const { authority } = await (await freshAdmin(app))(enforcers.replaceAuthority, {})
  const next = authority?.next?.fingerprint
  await expect.poll(followed).toEqual(['hall-1'])
  startAgain('hall-2')
  await expect.poll(async () => (await list()).authority).toMatchObject({ fingerprint: next, next: null })
  await expect.poll(async () => sha256((await identityOf('hall-2'))?.authority)).toBe(next)
  expect(await lastEvent('enforcers-authority.replaced')).toMatchObject({ via: 'system' })
})

async function lastEvent(action: 'enforcers-authority.replaced' | 'enforcer.revoked') {
  const { items } = await (await freshAdmin(app))(audit.list, { search: { 'action[eq]': action, limit: 1 } })
  return items[0]
}

function publicKeyOf(authority: string) {
  return new X509Certificate(authority).publicKey
}

/** Of the only certificate in the text. */
function sha256(pem = ''): string | null {
  if (pem.split('BEGIN').length !== 2) return null
  return new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase()
}
