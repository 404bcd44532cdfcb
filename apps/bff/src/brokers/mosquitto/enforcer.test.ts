/** The enforcer against a real Mosquitto. Each trap of dynsec and of `capath` has a test here. */
import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import type { Permission } from '@gatehouse/contract/access/permission'
import { type Issued, issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { controlUser, type MosquittoBroker, makeMosquitto } from '../../../test/mosquitto-broker.ts'
import { connectDevice, type Device, mayPublish, maySubscribe } from '../../../test/mosquitto-device.ts'
import { type Trusted, trustOf } from '../../../test/mosquitto-trust.ts'
import { compileAcls } from './acls.ts'
import { connectControl } from './control-client.ts'
import type { DynsecClient } from './desired-state.ts'
import { type DynsecCommand, dynsecTopic } from './dynsec.ts'
import { MosquittoEnforcer } from './enforcer.ts'
import { readPending } from './pending-trust.ts'

let broker: MosquittoBroker
let enforcer: MosquittoEnforcer
const plant = makeAuthority({ subject: 'Plant' })
const other = makeAuthority({ subject: 'Other plant' })
const press = issue(plant, { subject: 'press-7' })

const rights = (...resources: string[]): Permission[] =>
  resources.map((resource) => ({ context: 'mqtt', resource, operation: 'readWrite' }))
const user = (username: string, resources = ['line-3/#'], passwordTag: string | null = null): DynsecClient => ({
  username,
  acls: compileAcls(rights(...resources)),
  passwordTag,
})

const apply = async (clients: DynsecClient[], trusted: Trusted = { authorities: [plant] }) =>
  enforcer.apply({ ...(await trustOf(trusted)), clients })

async function connect(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  enforcer = new MosquittoEnforcer(
    {
      capath: broker.capath,
      crlFile: broker.crlFile,
      pidFile: broker.pidFile,
      control: { host: '127.0.0.1', port: broker.ports.control, tls: false, ca: null, ...controlUser },
    },
    { onConnect: resolve },
  )
  // Mosquitto does not start without a CRL file.
  await enforcer.applyTrust(await trustOf({ authorities: [plant] })).catch(() => {})
  await broker.start()
  await promise
}

const devices: Device[] = []
async function admitted(certificate: Issued): Promise<Device | null> {
  const found = await connectDevice(broker, { certificate })
  if (found) devices.push(found)
  return found
}
async function device(certificate: Issued): Promise<Device> {
  const connected = await admitted(certificate)
  if (!connected) throw new Error('refused')
  return connected
}

/** SIGHUP is handled within milliseconds, but nothing says when. */
const eventually = (what: () => Promise<boolean>) => expect.poll(what).toBe(true)

beforeAll(async () => {
  broker = await makeMosquitto()
  await connect()
})
afterAll(async () => {
  for (const { client } of devices) await client.endAsync(true)
  await enforcer.close()
  await broker.remove()
})

describe('rights', () => {
  it('gives a user its topics, and nothing of another user or of the broker', async () => {
    await apply([user('press-7'), user('wide-1', ['#'])])
    const found = await device(press)
    expect(await maySubscribe(found, 'line-3/+')).toBe(true)
    expect(await maySubscribe(found, '$share/g/line-3/x')).toBe(true)
    expect(await maySubscribe(found, '#')).toBe(false)
    expect(await mayPublish(found, 'line-3/x')).toBe(true)
    expect(await mayPublish(found, 'line-4/x')).toBe(false)
    await expect.poll(() => found.received).toContain('line-3/x x')
    const wide = await device(issue(plant, { subject: 'wide-1' }))
    expect(await maySubscribe(wide, '#')).toBe(true)
    expect(await maySubscribe(wide, '$SYS/#')).toBe(false)
    expect(await maySubscribe(wide, '$CONTROL/#')).toBe(false)
    expect(await mayPublish(wide, '$CONTROL/dynamic-security/v1')).toBe(false)
  })

  it('ends the connection of any client id when a right is taken, and not when one is added', async () => {
    await apply([user('press-7')])
    const kept = await connectDevice(broker, { certificate: press, clientId: `hall/+/# 7 ${'x'.repeat(60_000)}` })
    if (!kept) throw new Error('refused')
    devices.push(kept)
    await enforcer.applyClients({ clients: [user('press-7', ['line-3/#', 'line-5/#'])], removed: [] })
    expect(await mayPublish(kept, 'line-5/x')).toBe(true)
    await enforcer.applyClients({ clients: [user('press-7', ['line-5/#'])], removed: [] })
    expect(await kept.ended).toBe(0x98)
    const back = await device(press)
    expect(await mayPublish(back, 'line-3/x')).toBe(false)
  })

  it('gives a removed user nothing, although its certificate is still admitted', async () => {
    await apply([user('press-7')])
    const before = await device(press)
    await enforcer.applyClients({ clients: [], removed: ['press-7'] })
    expect(await before.ended).toBe(0x98)
    const back = await device(press)
    expect(await mayPublish(back, 'line-3/x')).toBe(false)
    expect(await maySubscribe(back, 'line-3/x')).toBe(false)
  })

  it('never touches the account of the console, also where a user has its name', async () => {
    await apply([user('press-7'), user(controlUser.username)])
    await enforcer.applyClients({ clients: [], removed: [controlUser.username] })
    await enforcer.lookForDrift()
    expect(enforcer.problems).toEqual([])
    expect(enforcer.isConnected).toBe(true)
  })

  it('delivers nothing to the stored session of a removed user', async () => {
    await apply([user('press-7'), user('press-8')])
    const options = { clean: false, properties: { sessionExpiryInterval: 3_600 } }
    const stored = { certificate: press, clientId: 'stored', options }
    const first = await connectDevice(broker, stored)
    await first?.client.subscribeAsync('line-3/#', { qos: 1 })
    await first?.client.endAsync()
    await enforcer.applyClients({ clients: [], removed: ['press-7'] })
    const sender = await device(issue(plant, { subject: 'press-8' }))
    expect(await mayPublish(sender, 'line-3/queued')).toBe(true)
    const again = await connectDevice(broker, stored)
    if (again) devices.push(again)
    expect(await mayPublish(sender, 'line-3/live')).toBe(true)
    // A PINGRESP or an answer follows all messages that were queued before.
    expect(again && (await mayPublish(again, 'line-3/x'))).toBe(false)
    expect(again?.received).toEqual([])
  })
})

describe('trust', () => {
  it('admits clients of a CA only together with its CRL, and ends their connections when the CA is removed', async () => {
    const foreign = issue(other, { subject: 'press-7' })
    await apply([user('press-7')])
    expect(await admitted(foreign)).toBe(null)
    await apply([user('press-7')], { authorities: [plant, other], crls: [plant] })
    expect(await admitted(foreign)).toBe(null)
    await apply([user('press-7')], { authorities: [plant, other] })
    await eventually(async () => (await admitted(foreign)) !== null)
    const live = await device(foreign)
    await apply([user('press-7')])
    expect(await live.ended).toBe(0x98)
    expect(await admitted(foreign)).toBe(null)
    expect(await readPending(broker.capath)).toBe(null)
  })

  it('refuses a revoked certificate and ends its connection', async () => {
    const stolen = issue(plant, { subject: 'press-7' })
    await apply([user('press-7')])
    const live = await device(stolen)
    await apply([user('press-7')], { authorities: [plant], revoked: [stolen] })
    expect(await live.ended).toBe(0x98)
    expect(await admitted(stolen)).toBe(null)
    await device(press)
  })

  it('says that Mosquitto was not signalled, and catches up', async () => {
    await apply([user('press-7')], { authorities: [plant, other] })
    const live = await device(press)
    const pid = await readFile(broker.pidFile, 'utf8')
    await writeFile(broker.pidFile, String(process.pid))
    await apply([user('press-7')])
    expect(enforcer.problems).toEqual([{ code: 'signal_failed', detail: 'pid_not_mosquitto' }])
    await writeFile(broker.pidFile, pid)
    await apply([user('press-7')])
    expect(enforcer.problems).toEqual([])
    expect(await live.ended).toBe(0x98)
  })
})

const login = (password: string) => connectDevice(broker, { login: { username: 'press-7', password } })

describe('passwords', () => {
  it('count when they are set, until the stored one changes', async () => {
    await apply([user('press-7', ['line-3/#'], 'one')])
    expect(enforcer.withoutPassword).toEqual(['press-7'])
    expect(await login('first password')).toBe(null)
    expect(await enforcer.setPassword('press-7', { password: 'first password', tag: 'stale' })).toBe(false)
    expect(await enforcer.setPassword('press-7', { password: 'first password', tag: 'one' })).toBe(true)
    expect(enforcer.withoutPassword).toEqual([])
    const live = await login('first password')
    expect(live).not.toBe(null)
    // The same state again, and a password that is known already, end nothing.
    await apply([user('press-7', ['line-3/#'], 'one')])
    await enforcer.setPassword('press-7', { password: 'first password', tag: 'one' })
    expect(live && (await mayPublish(live, 'line-3/x'))).toBe(true)
    await enforcer.applyClients({ clients: [user('press-7', ['line-3/#'], 'two')], removed: [] })
    expect(await live?.ended).toBe(0x98)
    expect(await login('first password')).toBe(null)
    expect(enforcer.withoutPassword).toEqual(['press-7'])
  })

  it('do not count for a user who has lost the password grant', async () => {
    await apply([user('press-7', ['line-3/#'], 'one')])
    await enforcer.setPassword('press-7', { password: 'a password', tag: 'one' })
    await apply([user('press-7', ['line-3/#'], null)])
    expect(await login('a password')).toBe(null)
    await device(press)
  })
})

/** Sends these commands as another console does. */
async function asAnother(...commands: DynsecCommand[]): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const address = { host: '127.0.0.1', port: broker.ports.control, tls: false, ca: null, ...controlUser }
  const another = connectControl(address, { onConnect: resolve })
  await promise
  const responses = await another.send(dynsecTopic, commands)
  expect(responses.filter(({ error }) => error !== undefined)).toEqual([])
  await another.close()
}

describe('changes by another program', () => {
  it('are seen and undone', async () => {
    await apply([user('press-7')])
    // One of them with the program that people use.
    const server = ['-h', '127.0.0.1', '-p', String(broker.ports.control), '-u', controlUser.username]
    const create = ['dynsec', 'createRole', 'everything']
    execFileSync('mosquitto_ctrl', [...server, '-P', controlUser.password, ...create], { stdio: 'pipe' })
    const anything = { acltype: 'publishClientSend', topic: '#', allow: true }
    await asAnother(
      { command: 'addRoleACL', rolename: 'everything', ...anything },
      { command: 'createClient', username: 'stranger #+/1', password: 'secret' },
      { command: 'addClientRole', username: 'stranger #+/1', rolename: 'everything' },
      { command: 'createClient', username: 'x'.repeat(65_000) },
      { command: 'addClientRole', username: 'press-7', rolename: 'everything' },
      { command: 'addRoleACL', rolename: 'gatehouse', ...anything, topic: 'all/#' },
      { command: 'createGroup', groupname: 'people' },
      { command: 'setDefaultACLAccess', acls: [{ acltype: 'publishClientReceive', allow: true }] },
    )
    expect(await enforcer.lookForDrift()).toEqual({
      changed: ['press-7'],
      clients: ['stranger #+/1', 'x'.repeat(65_000)],
      roles: ['everything', 'gatehouse'],
      groups: ['people'],
      defaults: ['publishClientReceive'],
    })
    const live = await device(press)
    expect(await mayPublish(live, 'line-9/x')).toBe(true)
    await enforcer.restore()
    const none = { changed: [], clients: [], roles: [], groups: [], defaults: [] }
    expect(enforcer.drift).toEqual(none)
    expect(await enforcer.lookForDrift()).toEqual(none)
    expect(await live.ended).toBe(0x98)
    const back = await device(press)
    expect(await mayPublish(back, 'line-9/x')).toBe(false)
    expect(await mayPublish(back, 'all/x')).toBe(false)
  })

  it('cannot crash Mosquitto by a client with inline roles', async () => {
    await apply([user('press-7')])
    await asAnother(
      { command: 'createRole', rolename: 'inline' },
      { command: 'createClient', username: 'inline', roles: [{ rolename: 'inline' }] },
    )
    await enforcer.restore()
    expect(enforcer.drift).toMatchObject({ clients: [], roles: [] })
    expect(enforcer.isConnected).toBe(true)
  })
})

it('finds nothing to do after both were killed, and takes away what was decided meanwhile', async () => {
  await apply([user('press-7'), user('press-8')])
  await enforcer.close()
  await broker.end('SIGKILL')
  await connect()
  await enforcer.lookForDrift()
  await apply([user('press-8')])
  expect(enforcer.drift).toEqual({ changed: [], clients: [], roles: [], groups: [], defaults: [] })
  const back = await device(press)
  expect(await mayPublish(back, 'line-3/x')).toBe(false)
})
