/** The real agent beside a real Mosquitto, and the console that it follows. One after the other: each test goes on where the last one ended. */
import { execFileSync } from 'node:child_process'
import { mkdir, readdir, readFile, rmdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brokers } from '@gatehouse/contract/brokers/brokers'
import { enforcers } from '@gatehouse/contract/brokers/enforcers'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { revocationLists } from '@gatehouse/contract/certificates/crls'
import { users } from '@gatehouse/contract/identity/users'
import { toPem } from '@gatehouse/pki/read/certificate'
import { issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { makeRevocationList } from '@gatehouse/pki/testing/revocation'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freePort } from '../../../../../scripts/free-port.ts'
import { type AgentProcess, agentEnv, killAgents, runAgentCommand, startAgent } from '../../../test/agent-process.ts'
import { refused, startApp, type TestApp } from '../../../test/app.ts'
import { freshAdmin } from '../../../test/authenticator.ts'
import { addMachine, trust } from '../../../test/machines.ts'
import { controlUser, type MosquittoBroker, makeMosquitto } from '../../../test/mosquitto-broker.ts'
import { connectDevice, type Device, mayPublish } from '../../../test/mosquitto-device.ts'

const plant = makeAuthority({ subject: 'Plant' })
const press = issue(plant, { subject: 'press-7' })
const rights = (resource: string) => ({ context: 'mqtt' as const, resource, operation: 'readWrite' as const })

let app: TestApp
let mosquitto: MosquittoBroker
let env: Record<string, string>
let agent: AgentProcess
let brokerId: string
let userId: string
let at: { params: { id: string } }

beforeAll(async () => {
  app = await startApp({
    GATEHOUSE_ENFORCERS_PORT: String(await freePort()),
    GATEHOUSE_MQTT_PORT: 'off',
    GATEHOUSE_MQTTS_PORT: 'off',
  })
  mosquitto = await makeMosquitto()
  env = await agentEnv(mosquitto)
  const { certificate, password } = mosquitto.ports
  const admin = await freshAdmin(app)
  const made = await admin(brokers.create, {
    body: { kind: 'mosquitto-agent', name: 'hall-2', settings: { ports: { certificate, password } } },
  })
  brokerId = made.id
  at = { params: { id: brokerId } }
  await trust(app, plant)
  await uploadCrl()
  userId = await addMachine(app, 'press-7', [rights('line-3/#')])
})
afterAll(async () => {
  killAgents()
  await mosquitto.remove()
  await app.stop()
})

/** An OpenSSL that checks revocations admits nobody of a CA without a CRL. */
async function uploadCrl(): Promise<void> {
  const dates = { thisUpdate: new Date(Date.now() - 60_000), nextUpdate: new Date(Date.now() + 3_600_000) }
  const crl = toPem('X509 CRL', makeRevocationList(plant, dates))
  await (await freshAdmin(app))(revocationLists.create, { params: { fingerprint: plant.fingerprint }, body: { crl } })
}

async function state() {
  const { enforcer } = await (await freshAdmin(app))(enforcers.view, at)
  return enforcer
}

/** Of the problems that the agent reports. */
async function codes(): Promise<string[] | undefined> {
  return (await state())?.problems.map(({ code }) => code)
}

async function stateOfBroker() {
  const { state: found, lag } = await (await freshAdmin(app))(brokers.view, at)
  return { ...found, lag }
}

/** What a change of the user says about the broker. */
async function changeRights(...resources: string[]) {
  const admin = await freshAdmin(app)
  const body = { permissions: resources.map(rights) }
  const { disconnectedByBroker } = await admin(users.update, { params: { id: userId }, body })
  return disconnectedByBroker.find(({ id }) => id === brokerId)
}

/** The answer of a change waits two seconds for the agent. On a busy machine that may be too short, so it is changed again. */
async function changeConfirmed(resource: string): Promise<void> {
  let attempts = 0
  const change = () => changeRights(resource, `attempts/${++attempts}`)
  await expect.poll(change).toMatchObject({ confirmed: true, disconnected: null })
}

const notConfirmed = { confirmed: false, disconnected: null }

async function device(): Promise<Device> {
  const connected = await connectDevice(mosquitto, { certificate: press })
  if (!connected) throw new Error('refused')
  return connected
}

it('does not start before it is enrolled, and enrols with the command of the console', async () => {
  expect(await runAgentCommand([], env)).toMatchObject({ code: 1, printed: expect.stringContaining('not enrolled') })
  expect(await stateOfBroker()).toMatchObject({ reachable: false, problems: [{ code: 'agent_missing' }] })
  const { command } = await (await freshAdmin(app))(enforcers.enrol, at)
  const [, token = '', words = ''] = /^GATEHOUSE_AGENT_TOKEN=(\S+) npm start -- agent (.*)$/.exec(command) ?? []
  const withToken = { ...env, GATEHOUSE_AGENT_TOKEN: token }
  expect(await runAgentCommand(words.split(' '), withToken)).toEqual({
    code: 0,
    printed: 'This machine is enrolled as the agent of hall-2. Start it with: npm start -- agent\n',
  })
  expect(await runAgentCommand(['enrol', 'https://127.0.0.1:1'], withToken)).toEqual({
    code: 1,
    printed: 'Not enrolled. Nothing listens there.\n',
  })
  const identity = join(mosquitto.folder, 'agent-state', 'identity.json')
  expect((await stat(identity)).mode & 0o777).toBe(0o600)
})

it('writes CAs and CRLs before Mosquitto runs, and gives the users their rights when it does', async () => {
  agent = startAgent(env)
  await expect.poll(() => readdir(mosquitto.capath)).toContainEqual(expect.stringMatching(/^[0-9a-f]{8}\.0$/))
  await expect.poll(codes).toContain('unreachable')
  const withFile = { ...env, GATEHOUSE_AGENT_DYNSEC_FILE: mosquitto.dynsecFile }
  expect(await runAgentCommand(['first-load'], withFile)).toEqual({
    code: 0,
    printed: `1 users are in ${mosquitto.dynsecFile}. Start Mosquitto now.\n`,
  })
  expect(await readFile(mosquitto.dynsecFile, 'utf8')).toContain('"u:press-7"')
  await mosquitto.start()
  expect(await runAgentCommand(['first-load'], withFile)).toMatchObject({
    code: 1,
    printed: expect.stringContaining('Mosquitto runs.'),
  })
  await expect.poll(codes).toEqual([])
  const { enforcer, ...found } = { enforcer: await state(), ...(await stateOfBroker()) }
  // The administrator has only a password, which a listener for certificates does not ask for.
  expect(found).toMatchObject({ reachable: true, problems: [{ code: 'names_left_out' }], lag: 0 })
  expect(enforcer).toMatchObject({ isConnected: true, clockAheadSeconds: 0, inventory: { foreignClients: [] } })
  const connected = await device()
  expect(await mayPublish(connected, 'line-3/x')).toBe(true)
  expect(await mayPublish(connected, 'line-4/x')).toBe(false)
})

it('confirms a change when Mosquitto enforces it: a right that was taken ends the connection', async () => {
  const connected = await device()
  await changeConfirmed('line-5/#')
  expect(await connected.ended).toBe(0x98)
  const back = await device()
  expect(await mayPublish(back, 'line-5/x')).toBe(true)
  expect(await mayPublish(back, 'line-3/x')).toBe(false)
})

it('applies a change also when it cannot store it, and says so', async () => {
  const draft = join(mosquitto.folder, 'agent-state', 'desired.json.new')
  await mkdir(draft)
  await changeConfirmed('line-4/#')
  await expect.poll(agent.printed).toContain('The state was applied, but not stored for the next start')
  await rmdir(draft)
  await changeConfirmed('line-5/#')
  await expect.poll(agent.printed).toContain('The state is stored again')
})

it('refuses a second agent with the same state folder', async () => {
  expect(await runAgentCommand([], env)).toMatchObject({
    code: 1,
    printed: expect.stringContaining('GATEHOUSE_AGENT_STATE_DIR'),
  })
})

it('applies what changed while it was killed, and what it has while Mosquitto was away', async () => {
  await agent.end('SIGKILL')
  await expect.poll(async () => changeRights('line-6/#')).toMatchObject(notConfirmed)
  agent = startAgent(env)
  await expect.poll(async () => (await stateOfBroker()).lag).toBe(0)
  expect(await mayPublish(await device(), 'line-6/x')).toBe(true)
  await mosquitto.end('SIGKILL')
  await expect.poll(codes).toContain('unreachable')
  expect(await changeRights('line-7/#')).toMatchObject(notConfirmed)
  await mosquitto.start()
  await expect.poll(codes).toEqual([])
  expect(await mayPublish(await device(), 'line-7/x')).toBe(true)
})

it('keeps what it has while the console is away, says its age, and follows again', async () => {
  await app.started.stop()
  await agent.says('The broker keeps what it has.')
  expect(await mayPublish(await device(), 'line-7/x')).toBe(true)
  await expect
    .poll(async () => (await runAgentCommand(['status'], env)).printed)
    .toMatch(
      /^Agent of the broker hall-2, enrolled with https:.*\nThe console answered \d+ seconds ago.\n.*\nThe newest state/,
    )
  await app.restart()
  await expect.poll(() => agent.printed().match(/The console answers/g)?.length).toBe(2)
  await changeConfirmed('line-8/#')
  expect(await mayPublish(await device(), 'line-8/x')).toBe(true)
})

it('never touches files that it did not write, and names them', async () => {
  await writeFile(join(mosquitto.capath, 'notes.txt'), 'of an administrator')
  const params = { fingerprint: plant.fingerprint }
  const connected = await device()
  await (await freshAdmin(app))(authorities.remove, { params })
  await expect.poll(async () => (await stateOfBroker()).lag).toBe(0)
  expect(await connected.ended).not.toBeUndefined()
  expect(await connectDevice(mosquitto, { certificate: press })).toBeNull()
  expect(await readFile(join(mosquitto.capath, 'notes.txt'), 'utf8')).toBe('of an administrator')
  await expect.poll(async () => (await state())?.inventory).toMatchObject({ foreignFiles: ['notes.txt'] })
  await trust(app, plant)
  await uploadCrl()
  expect(await mayPublish(await device(), 'line-8/x')).toBe(true)
})

it('gives Mosquitto a password when it is set, and stores it nowhere', async () => {
  const password = 'nine slow ferries at dawn'
  const grantTypes = [{ method: 'certificate' as const }, { method: 'password' as const }]
  const body = { username: 'panel-1', kind: 'machine' as const, grantTypes, permissions: [rights('line-3/#')] }
  const { id } = await (await freshAdmin(app))(users.create, { body })
  const login = { username: 'panel-1', password }
  expect(await connectDevice(mosquitto, { login })).toBeNull()
  const change = { params: { id }, body: { newPassword: password, mustChange: false } }
  await (await freshAdmin(app))(users.setPassword, change)
  const found: Device[] = []
  const connect = async () => {
    const connected = await connectDevice(mosquitto, { login })
    if (connected) found.push(connected)
    return found.length
  }
  await expect.poll(connect).toBe(1)
  expect(await connectDevice(mosquitto, { login: { ...login, password: `${password}!` } })).toBeNull()
  const stored = await readFile(join(mosquitto.folder, 'agent-state', 'desired.json'), 'utf8')
  expect(stored).toContain('panel-1')
  expect(stored).not.toContain(password)
  await found[0]?.client.endAsync(true)
})

it('undoes on demand what somebody changed with mosquitto_ctrl', async () => {
  const { control } = mosquitto.ports
  const server = ['-h', '127.0.0.1', '-p', String(control), '-u', controlUser.username, '-P', controlUser.password]
  const change = (...words: string[]) => {
    execFileSync('mosquitto_ctrl', [...server, 'dynsec', ...words], { stdio: 'pipe' })
  }
  change('createRole', 'everything')
  change('addRoleACL', 'everything', 'publishClientSend', '#', 'allow')
  change('addClientRole', 'press-7', 'everything', '5')
  expect(await mayPublish(await device(), 'line-99/x')).toBe(true)
  await (await freshAdmin(app))(enforcers.restore, at)
  expect(await mayPublish(await device(), 'line-99/x')).toBe(false)
  expect(await mayPublish(await device(), 'line-8/x')).toBe(true)
})

it('gets nothing any more at once when it is revoked, and the broker keeps what it has', async () => {
  await (await freshAdmin(app))(enforcers.revoke, at)
  await agent.says('The console no longer accepts this agent')
  await refused((await freshAdmin(app))(enforcers.restore, at), 'broker_away')
  expect(await changeRights('line-9/#')).toMatchObject(notConfirmed)
  expect(await stateOfBroker()).toMatchObject({ reachable: false, problems: [{ code: 'agent_missing' }] })
  expect(await mayPublish(await device(), 'line-8/x')).toBe(true)
  await agent.end('SIGTERM')
})
