/** A plant for the pictures: the example data, a real CA, and real devices, some admitted and some refused. */
import { readFileSync } from 'node:fs'
import { type MosquittoClient, subscribe } from '../e2e/support/mosquitto.ts'
import { makeDevice, makeModernAuthority } from '../e2e/support/openssl.ts'
import type { Gatehouse } from '../e2e/support/server.ts'
import { roles } from '../packages/contract/src/access/roles.ts'
import { admissionRules, deniedDevices } from '../packages/contract/src/brokers/admission-rules.ts'
import { listeners } from '../packages/contract/src/brokers/listeners.ts'
import { topics } from '../packages/contract/src/brokers/topics.ts'
import { authorities } from '../packages/contract/src/certificates/authorities.ts'
import { type Call, createClient } from '../packages/contract/src/client.ts'
import { session } from '../packages/contract/src/identity/sign-in.ts'
import { users } from '../packages/contract/src/identity/users.ts'
import { makeExampleData } from './example-data.ts'

export interface Plant {
  call: Call
  deviceId: string
  personId: string
  roleId: string
  /** Fingerprint of the CA that issued the certificate of the device. */
  authority: string
  /** A listener that trusts only that CA. */
  listenerId: string
  /** An admission rule for that CA. */
  ruleId: string
  /** PEM. */
  deviceCertificate: string
  /** PEM of a CA that is not trusted yet. */
  supplierCertificate: string
  stop: () => Promise<void>
}

/** `folder` gets the keys. The device of the README's tour is connected until `stop`. */
export async function makePlant(
  gatehouse: Gatehouse,
  admin: { username: string; password: string },
  folder: string,
): Promise<Plant> {
  await makeExampleData(gatehouse.url, admin)
  const { token } = await createClient({ baseUrl: gatehouse.url })(session.login, { body: admin })
  const call = createClient({ baseUrl: gatehouse.url, headers: { Authorization: `Bearer ${token}` } })
  const ca = await makeModernAuthority(folder, 'plant', 'Acme Plant CA', 'ECDSA P-256')
  const supplier = await makeModernAuthority(folder, 'supplier', 'Supplier Meyer Root', 'RSA 2048')
  const certificate = await makeDevice(folder, 'device001', { commonName: 'device001' }, ca, 'ECDSA P-256')
  const clients: MosquittoClient[] = []
  const listen = () => {
    const login = { url: gatehouse.mqttsUrl, caFile: gatehouse.authorityFile, certificate, clientId: 'press-1' }
    const client = subscribe(login, ['line-3/#', 'line-4/#'])
    clients.push(client)
    return client
  }
  await listen().exit()
  await call(authorities.create, { body: { certificates: readFileSync(ca.certificate, 'utf8') } })
  const authority = (await call(authorities.list, { search: { search: 'Acme Plant CA' } })).items[0]?.fingerprint ?? ''
  const personId = (await call(users.list, { search: { search: 'maria.lindqvist' } })).items[0]?.id ?? ''
  await listen().exit()
  const made = await makeDeviceUser(call)
  await listen().exit()
  const body = { displayName: 'Press 1, hall 3', grantTypes: [{ method: 'certificate' as const }] }
  await call(users.update, { params: { id: made.deviceId }, body })
  await listen().suback()
  const listenerId = await addListeners(call, authority)
  for (const commonName of ['press-12', 'oven-4']) {
    const unknown = await makeDevice(folder, commonName, { commonName }, ca, 'ECDSA P-256')
    const login = { url: gatehouse.mqttsUrl, caFile: gatehouse.authorityFile, certificate: unknown }
    await subscribe(login, ['line-3/#']).exit()
  }
  const ruleId = await addRule(call, { authority, roleId: made.roleId })
  for (const [topic, payload] of Object.entries(retainedPayloads)) {
    await call(topics.publish, { body: { topic, payload, retain: true } })
  }
  return {
    call,
    ...made,
    personId,
    authority,
    listenerId,
    ruleId,
    deviceCertificate: readFileSync(certificate.certificate, 'utf8'),
    supplierCertificate: readFileSync(supplier.certificate, 'utf8'),
    stop: async () => {
      for (const client of clients) await client.stop()
    },
  }
}

async function makeDeviceUser(call: Call): Promise<{ deviceId: string; roleId: string }> {
  const reader = await call(roles.create, {
    body: {
      name: 'line-3-reader',
      description: 'Reads everything of line 3.',
      permissions: [{ context: 'mqtt', resource: 'line-3/#', operation: 'read' }],
    },
  })
  const { id } = await call(users.create, { body: { username: 'device001', kind: 'machine', roles: [reader.id] } })
  return { deviceId: id, roleId: reader.id }
}

/** A rule that is on, and a name that was denied. */
async function addRule(call: Call, { authority, roleId }: { authority: string; roleId: string }): Promise<string> {
  const settings = { usernames: ['oven-*', 'dryer-*'], roles: [roleId], enabled: true }
  const { id } = await call(admissionRules.create, { body: { name: 'Ovens of hall 4', authority, ...settings } })
  await call(admissionRules.create, { body: { name: 'Everything, for the start', authority, usernames: ['*'] } })
  await call(deniedDevices.deny, { body: { username: 'press-13' } })
  return id
}

const retainedPayloads = {
  'line-3/press-1/state': JSON.stringify({
    running: true,
    program: 'A-17',
    pressure: { bar: 5.8, limit: 7 },
    parts: [412, 413],
  }),
  'line-3/press-1/temperature': '21.5',
  'line-3/oven/zones/north-west/controller/setpoint/requested-by-operator': '{"celsius":180}',
  'line-4/scale/label': 'Größe 2 – 12,50 kg',
}

/** Besides those of a new installation: one that trusts a single CA, and one whose address this machine does not have. */
async function addListeners(call: Call, authority: string): Promise<string> {
  const hall = { name: 'Hall 3, presses', address: '127.0.0.1', port: 0, trustedAuthorities: [authority] }
  const { id } = await call(listeners.create, { body: hall })
  const office = { name: 'Office', address: '192.0.2.7', port: 8884, clientCertificate: 'accepted' as const }
  await call(listeners.create, { body: office })
  return id
}
