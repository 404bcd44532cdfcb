/** A console and a real Mosquitto on one machine: what the console decides holds there. */
import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { roles } from '@gatehouse/contract/access/roles'
import { brokers, type StoredBroker } from '@gatehouse/contract/brokers/brokers'
import { mosquitto } from '@gatehouse/contract/brokers/mosquitto'
import { revocationLists } from '@gatehouse/contract/certificates/crls'
import { clientCertificates } from '@gatehouse/contract/certificates/issued'
import { revocations } from '@gatehouse/contract/certificates/revocations'
import type { Call } from '@gatehouse/contract/client'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { toPem } from '@gatehouse/pki/read/certificate'
import { issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { makeRevocationList } from '@gatehouse/pki/testing/revocation'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
import { addMachine, trust } from '../../../test/machines.ts'
import { controlUser, type MosquittoBroker, makeMosquitto } from '../../../test/mosquitto-broker.ts'
import { type Credentials, connectDevice, type Device, mayPublish } from '../../../test/mosquitto-device.ts'
import { connectControl } from './control-client.ts'
import { dynsecTopic } from './dynsec.ts'

let app: TestApp
let admin: Call
let broker: MosquittoBroker
let id: string
const rights = [{ context: 'mqtt' as const, resource: 'line-3/#', operation: 'readWrite' as const }]
const devices: Device[] = []

beforeAll(async () => {
  broker = await makeMosquitto((config) => `sys_interval 1\n${config}`)
  app = await startApp({ GATEHOUSE_BROKER_FOLDERS: join(broker.folder, 'gatehouse') })
  admin = await app.as('admin')
  const body = {
    kind: 'mosquitto' as const,
    name: 'hall-2',
    host: '127.0.0.1',
    port: broker.ports.control,
    tls: false,
    ...controlUser,
    settings: {
      capath: broker.capath,
      crlFile: broker.crlFile,
      pidFile: broker.pidFile,
      dynsecFile: null,
      ports: {
        certificate: broker.ports.certificate,
        password: broker.ports.password,
      },
    },
  }
  ;({ id } = await admin(brokers.create, { body }))
})
afterAll(async () => {
  for (const { client } of devices) await client.endAsync(true)
  await app.stop()
  await broker.remove()
})

const view = (): Promise<StoredBroker> => admin(brokers.view, { params: { id } })
/** Waits until Mosquitto has everything that was decided. */
const applied = () => expect.poll(async () => (await view()).lag).toBe(0)

const problems = async () => (await view()).state.problems.map(({ code, detail }) => `${code} ${detail}`)

async function connect(credentials: Credentials): Promise<Device | null> {
  const device = await connectDevice(broker, credentials)
  if (device) devices.push(device)
  return device
}

interface Machine {
  userId: string
  certificate: { certificatePem: string; privateKeyPem: string }
  fingerprint: string
}

/** A user with a certificate of the built-in authority. */
async function makeMachine(username: string): Promise<Machine> {
  const userId = await addMachine(app, username, rights)
  const key = join(broker.folder, `${username}.key`)
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-subj', '/CN=x']
  const csr = execFileSync('openssl', ['req', '-new', ...made], { stdio: 'pipe' }).toString()
  const { certificate, fingerprint } = await admin(clientCertificates.create, { body: { csr, userId, days: 30 } })
  const privateKeyPem = await readFile(key, 'utf8')
  return { userId, fingerprint, certificate: { certificatePem: certificate, privateKeyPem } }
}

async function working({ certificate }: Machine): Promise<Device> {
  const device = await connect({ certificate })
  if (!device || !(await mayPublish(device, 'line-3/x'))) throw new Error('The device has no rights')
  return device
}

it('writes CAs and CRLs before Mosquitto, which does not start without them', async () => {
  await expect.poll(() => readFile(broker.crlFile, 'utf8').catch(() => '')).toContain('X509 CRL')
  expect((await view()).state).toMatchObject({
    reachable: false,
    applied: null,
    problems: [{ code: 'unreachable', detail: null }],
  })
  await broker.start()
  await applied()
  // The administrator has no certificate grant: any trusted CA could name it.
  expect((await view()).state.problems).toEqual([{ code: 'names_left_out', detail: '1' }])
})

it('the preview of a role names what ends on the broker', async () => {
  const permissions = [{ context: 'mqtt', resource: 'line-9/#', operation: 'readWrite' }] as const
  const role = await admin(roles.create, { body: { name: 'presses', permissions: [...permissions] } })
  const grantTypes = [{ method: 'certificate' as const }]
  const body = { username: 'press-1', grantTypes, roles: [role.id], permissions: rights }
  const holder = await admin(users.create, { body })
  await applied()
  const at = { params: { id: role.id } }
  const ended = { id, name: 'hall-2', ends: 'concerned', connections: null }
  const { connectionsByBroker } = await admin(roles.impact, { ...at, body: { permissions: [] } })
  expect(connectionsByBroker).toMatchObject([{ ends: 'nothing' }, ended])
  const lesser = [{ ...permissions[0], operation: 'read' as const }]
  expect(await admin(roles.impact, { ...at, body: { permissions: lesser } })).toMatchObject({
    users: 1,
    connectionsByBroker: [{}, ended],
  })
  await admin(users.remove, { params: { id: holder.id } })
  await admin(roles.remove, at)
  await applied()
})

it('admits a device by its certificate until its grant is taken', async () => {
  const press = await makeMachine('press-7')
  await applied()
  const live = await working(press)
  await expect.poll(async () => (await view()).state.connections).toBe(1)
  const impactOf = (body: Parameters<typeof users.impact.body.parse>[0]) =>
    admin(users.impact, { params: { id: press.userId }, body: users.impact.body.parse(body) })
  expect((await impactOf({ grantTypes: [] })).connectionsByBroker[1]).toEqual({
    id,
    name: 'hall-2',
    ends: 'concerned',
    connections: null,
    admitsWithoutRights: true,
  })
  expect((await impactOf({ displayName: 'Press 7' })).connectionsByBroker[1]).toMatchObject({ ends: 'nothing' })
  const { disconnected, disconnectedByBroker } = await admin(users.update, {
    params: { id: press.userId },
    body: { grantTypes: [] },
  })
  expect(disconnected).toBe(0)
  expect(disconnectedByBroker).toContainEqual({ id, name: 'hall-2', confirmed: true, disconnected: null })
  expect(await live.ended).toBe(0x98)
  const back = await connect(press)
  expect(back && (await mayPublish(back, 'line-3/x'))).toBe(false)
})

it('keeps a disabled user out, also when the console and Mosquitto were killed, and lets an enabled one back', async () => {
  const press = await makeMachine('press-8')
  await applied()
  const live = await working(press)
  await broker.end('SIGKILL')
  expect(await live.ended).toBe(null)
  await admin(users.update, { params: { id: press.userId }, body: { disabled: true } })
  await app.restart()
  const { call } = app.browser()
  await call(session.signIn, { body: { username: 'admin', password: goodPassword } })
  admin = call
  await broker.start()
  await applied()
  const back = await connect(press)
  expect(back && (await mayPublish(back, 'line-3/x'))).toBe(false)
  await admin(users.update, { params: { id: press.userId }, body: { disabled: false } })
  await working(press)
})

it('ends only the connections of the user whose certificate is revoked', async () => {
  const [stolen, other] = [await makeMachine('press-9'), await makeMachine('press-10')]
  await applied()
  const [live, kept] = [await working(stolen), await working(other)]
  await admin(revocations.create, { body: { certificate: stolen.certificate.certificatePem } })
  expect(await live.ended).toBe(0x98)
  expect(await connect(stolen)).toBe(null)
  expect(await mayPublish(kept, 'line-3/x')).toBe(true)
})

it('says that clients of a CA without a CRL are refused, and admits them with it until the CA is deleted', async () => {
  const plant = makeAuthority({ subject: 'Plant' })
  await addMachine(app, 'press-11', rights)
  await trust(app, plant)
  await expect.poll(problems).toContain('authority_without_crl Plant')
  const certificate = issue(plant, { subject: 'press-11' })
  expect(await connect({ certificate })).toBe(null)
  const dates = { thisUpdate: new Date(Date.now() - 60_000), nextUpdate: new Date(Date.now() + 3_600_000) }
  const crl = toPem('X509 CRL', makeRevocationList(plant, dates))
  await admin(revocationLists.create, { params: { fingerprint: plant.fingerprint }, body: { crl } })
  await expect.poll(async () => (await connect({ certificate })) !== null).toBe(true)
  expect(await problems()).not.toContain('authority_without_crl Plant')
})

it('takes the rights of a user whose certificate of a foreign CA is revoked in the console', async () => {
  const plant = makeAuthority({ subject: 'Other plant' })
  await addMachine(app, 'press-12', rights)
  await trust(app, plant)
  const dates = { thisUpdate: new Date(Date.now() - 60_000), nextUpdate: new Date(Date.now() + 3_600_000) }
  const crl = toPem('X509 CRL', makeRevocationList(plant, dates))
  await admin(revocationLists.create, { params: { fingerprint: plant.fingerprint }, body: { crl } })
  const certificate = issue(plant, { subject: 'press-12' })
  await expect.poll(async () => (await connect({ certificate })) !== null).toBe(true)
  await admin(revocations.create, { body: { certificate: certificate.certificatePem } })
  await applied()
  const back = await connect({ certificate })
  expect(back && (await mayPublish(back, 'line-3/x'))).toBe(false)
})

it('removes a client with the name of a user without rights at once, and what else others made on demand', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const address = { host: '127.0.0.1', port: broker.ports.control, tls: false, ca: null, ...controlUser }
  const another = connectControl(address, { onConnect: resolve })
  await promise
  const role = { rolename: 'admin' }
  await another.send(dynsecTopic, [
    // Its grant was taken above.
    { command: 'createClient', username: 'press-7' },
    { command: 'addClientRole', username: 'press-7', ...role },
    { command: 'createClient', username: 'stranger' },
  ])
  await another.close()
  const none = { count: 0, names: [] }
  const found = await admin(mosquitto.lookForDrift, { params: { id } })
  expect(found.drift).toMatchObject({ changed: none, clients: { count: 1, names: ['stranger'] } })
  expect((await admin(mosquitto.restore, { params: { id } })).drift).toMatchObject({ clients: none, roles: none })
  await refused(admin(mosquitto.writeFirstLoad, { params: { id } }), 'file_refused')
})

it('gives a password to Mosquitto when it is set or proved, and takes the old one', async () => {
  const username = 'panel-1'
  const grantTypes = [{ method: 'password' as const }, { method: 'certificate' as const }]
  const body = { username, password: goodPassword, mustChangePassword: false, grantTypes, permissions: rights }
  const { id: userId } = await admin(users.create, { body })
  const login = (password: string) => connect({ login: { username, password } })
  await expect.poll(async () => (await login(goodPassword)) !== null).toBe(true)
  const next = 'another perfectly good password'
  await admin(users.setPassword, { params: { id: userId }, body: { newPassword: next, mustChange: false } })
  await expect.poll(async () => (await login(next)) !== null).toBe(true)
  expect(await login(goodPassword)).toBe(null)
})
