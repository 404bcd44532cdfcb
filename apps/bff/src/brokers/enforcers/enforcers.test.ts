/** How an agent gets and loses its certificate. The agent's own code makes the calls. */
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { type RequestOptions, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { enforcerServerName, readEnrolmentToken } from '@gatehouse/contract/brokers/enforcer-protocol'
import { enforcers } from '@gatehouse/contract/brokers/enforcers'
import { audit } from '@gatehouse/contract/operations/audit'
import { armour, makeClientRequest } from '@gatehouse/pki/make/client-request'
import { issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { refused, startApp, type TestApp } from '../../../test/app.ts'
import { freshAdmin } from '../../../test/authenticator.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'
import { connectClient } from '../../../test/mqtt-client.ts'
import { ConsoleClient } from '../agent/console-client.ts'
import { enrol, renew } from '../agent/enrol.ts'
import { type Identity, IdentityFile } from '../agent/identity.ts'

const broker = '019d2a40-1b7c-7f31-9a54-3c2e1d0f8b76'
const local = '019d2a40-1b7c-7f31-9a54-3c2e1d0f8b77'
const at = { params: { id: broker } }

let app: TestApp
let door: BackDoor
let folder: string
beforeAll(async () => {
  app = await startApp({ GATEHOUSE_ENFORCERS_PORT: '0' })
  door = openBackDoor(app)
  await insertBroker(broker, 'mosquitto-agent')
  await insertBroker(local, 'mosquitto')
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-enforcers-'))
})
const clients: ConsoleClient[] = []
afterEach(() => {
  for (const client of clients.splice(0)) client.close()
})
afterAll(async () => {
  await door.close()
  await app.stop()
  await rm(folder, { recursive: true })
})

function insertBroker(id: string, kind: string, into: BackDoor = door) {
  return into.insert('brokers', {
    id,
    name: `hall ${id}`,
    name_folded: `hall ${id}`,
    kind,
    host: '192.0.2.1',
    port: 1883,
    tls: 0,
    settings: '{}',
    created_at: new Date().toISOString(),
    version: 1,
  })
}

async function newToken() {
  const { token, command } = await (await freshAdmin(app))(enforcers.enrol, at)
  const { address } = await view()
  return { token, command, console: address ?? '', version: 'test' }
}

async function view() {
  return (await freshAdmin(app))(enforcers.view, at)
}

/** The state folder of another agent. */
async function newFile(): Promise<IdentityFile> {
  return new IdentityFile(await mkdtemp(join(folder, 'agent-')))
}

async function enrolled() {
  const file = await newFile()
  return { file, identity: await enrol(file, await newToken()) }
}

function clientOf(identity: Identity): ConsoleClient {
  const client = new ConsoleClient(identity)
  clients.push(client)
  return client
}

const pull = { epoch: null, revision: 0, digest: null, waitMs: 0 }
const askedBy = (identity: Identity) => clientOf(identity).pull(pull, AbortSignal.timeout(20_000))

/** The status and the code that this client gets, without the agent's own code. */
async function post(url: string, path: string, how: Parameters<typeof send>[2] = {}) {
  const { status, answer } = await send(url, path, how)
  return [status, answer['code'] ?? null]
}

function send(url: string, path: string, { body = '{}', ...tls }: RequestOptions & { body?: string }) {
  const { hostname: host, port } = new URL(url)
  const options = { host, port, path, method: 'POST', servername: enforcerServerName, agent: false as const, ...tls }
  return new Promise<{ status: number; answer: Record<string, unknown> }>((resolve, reject) => {
    request({ rejectUnauthorized: false, headers: { 'Content-Type': 'application/json' }, ...options }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => {
        const answer = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>
        resolve({ status: response.statusCode ?? 0, answer })
      })
    })
      .once('error', reject)
      .end(body)
  })
}

describe('an enrolment', () => {
  it('gives an agent a certificate for its token, once, and records it', async () => {
    const { command, ...wanted } = await newToken()
    expect(command).toBe(`GATEHOUSE_AGENT_TOKEN=${wanted.token} npm start -- agent enrol ${wanted.console}`)
    expect(await view()).toMatchObject({ enforcer: null, enrolment: { createdBy: 'admin' } })
    expect(await door.everything()).not.toContain(readEnrolmentToken(wanted.token)?.secret)
    const identity = await enrol(await newFile(), wanted)
    const certificate = new X509Certificate(identity.certificate)
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
    expect(certificate.subject).toBe(`CN=${identity.enforcerId}`)
    expect(certificate.verify(new X509Certificate(identity.authority).publicKey)).toBe(true)
    expect(await view()).toMatchObject({
      enforcer: { id: identity.enforcerId, programVersion: 'test' },
      enrolment: null,
    })
    await expect(enrol(await newFile(), wanted)).rejects.toMatchObject({ code: 'token_used' })
    expect((await view()).enforcer?.id).toBe(identity.enforcerId)
    const { items } = await (await freshAdmin(app))(audit.list, { search: { 'targetType[eq]': 'broker', limit: 2 } })
    expect(items).toMatchObject([
      { action: 'enforcer.enrolled', via: 'machine', target: { type: 'broker', id: broker } },
      { action: 'enforcer-token.created', actor: { username: 'admin' } },
    ])
    expect(JSON.stringify(items)).not.toContain('ghe_')
  })

  it('answers the same key again if the answer was lost', async () => {
    const wanted = await newToken()
    const file = await newFile()
    const first = await enrol(file, wanted)
    expect(await enrol(file, wanted)).toEqual(first)
    await (await freshAdmin(app))(enforcers.revoke, at)
    await expect(enrol(file, wanted)).rejects.toMatchObject({ code: 'token_refused' })
  })

  it('sends nothing to a server that is not the console of the token', async () => {
    const { token, console: url } = await newToken()
    const another = `ghe_${'0'.repeat(64)}_${readEnrolmentToken(token)?.secret}`
    const failing = enrol(await newFile(), { token: another, console: url, version: 'test' })
    await expect(failing).rejects.toThrow('not the console that made this token')
    expect(await view()).toMatchObject({ enrolment: { createdBy: 'admin' } })
  })

  it('refuses a wrong and a cancelled token, and one that a newer one replaced', async () => {
    const first = await newToken()
    const second = await newToken()
    await expect(enrol(await newFile(), first)).rejects.toMatchObject({ code: 'token_refused' })
    const wrong = second.token.slice(0, -3) + 'AAA'
    await expect(enrol(await newFile(), { ...second, token: wrong })).rejects.toMatchObject({ code: 'token_refused' })
    await (await freshAdmin(app))(enforcers.cancel, at)
    await expect(enrol(await newFile(), second)).rejects.toMatchObject({ code: 'token_refused' })
    await refused((await freshAdmin(app))(enforcers.cancel, at), 'not_found')
  })

  it('is for administrators, and for a broker that has an agent', async () => {
    await refused((await app.as('operator'))(enforcers.enrol, at), 'not_permitted')
    await refused((await app.as('auditor'))(enforcers.revoke, at), 'not_permitted')
    const admin = await freshAdmin(app)
    await refused(admin(enforcers.enrol, { params: { id: local } }), 'no_enforcer_kind')
    await refused(admin(enforcers.enrol, { params: { id: local.replace('77', '78') } }), 'not_found')
  })
})

describe('the certificate of an agent', () => {
  it('is refused after another agent has enrolled for the broker', async () => {
    const first = await enrolled()
    const second = await enrolled()
    await expect(askedBy(first.identity)).rejects.toMatchObject({ code: 'unknown_enforcer' })
    // Authenticated: the broker has no adapter in this test.
    await expect(askedBy(second.identity)).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('is refused at once after a revocation', async () => {
    const { identity } = await enrolled()
    const admin = await freshAdmin(app)
    await admin(enforcers.revoke, at)
    await expect(askedBy(identity)).rejects.toMatchObject({ code: 'unknown_enforcer' })
    expect((await view()).enforcer).toBeNull()
    await refused(admin(enforcers.revoke, at), 'not_found')
  })

  it('works until a renewed one is used, and then never again', async () => {
    const { file, identity } = await enrolled()
    const renewed = await renew(file, identity, { client: clientOf(identity) })
    expect(await file.read()).toEqual(renewed)
    expect(renewed.key).not.toBe(identity.key)
    await expect(askedBy(identity)).rejects.toMatchObject({ code: 'unavailable' })
    await expect(askedBy(renewed)).rejects.toMatchObject({ code: 'unavailable' })
    await expect(askedBy(identity)).rejects.toMatchObject({ code: 'unknown_enforcer' })
    const { items } = await (await freshAdmin(app))(audit.list, { search: { 'targetType[eq]': 'broker', limit: 1 } })
    expect(items).toMatchObject([{ action: 'enforcer.renewed', via: 'machine' }])
  })

  it('does not work at the console or at a listener for MQTT', async () => {
    const { identity } = await enrolled()
    const port = Number(new URL(app.started.mqttsUrl ?? '').port)
    const tls = { cert: identity.certificate, key: identity.key, rejectUnauthorized: false }
    const client = await connectClient(port, { tls })
    expect(await client.connack()).toBeNull()
  })
})

describe('the listener for agents', () => {
  it('refuses everybody without the certificate of an agent', async () => {
    const { identity } = await enrolled()
    const url = identity.console
    const foreign = issue(makeAuthority({ subject: 'Gatehouse enforcers' }), { subject: identity.enforcerId })
    const own = { cert: identity.certificate, key: identity.key }
    expect(await post(url, '/pull')).toEqual([401, 'certificate_required'])
    expect(await post(url, '/pull', { cert: foreign.certificatePem, key: foreign.privateKeyPem })).toEqual([
      403,
      'certificate_refused',
    ])
    expect(await post(url, '/api/session', own)).toEqual([404, 'not_found'])
    expect(await post(url, '/pull', { ...own, body: '{"epoch":1}' })).toEqual([400, 'invalid'])
    expect(await post(url, '/report', { ...own, body: 'rubbish' })).toEqual([400, 'invalid'])
    expect(await post(url, '/report', { ...own, body: JSON.stringify('x'.repeat(300_000)) })).toEqual([
      413,
      'too_large',
    ])
    expect(await post(url, '/enrol', { body: '{"secret":"short"}' })).toEqual([400, 'invalid'])
  })

  it('gives no session or token of the console any right', async () => {
    const { console: url } = (await enrolled()).identity
    const headers = { Authorization: `Bearer ${await app.token('admin')}`, 'Content-Type': 'application/json' }
    expect(await post(url, '/pull', { headers })).toEqual([401, 'certificate_required'])
  })

  it('has a certificate for servers only, and that of an agent is for clients only', async () => {
    const { identity } = await enrolled()
    const { hostname: host, port } = new URL(identity.console)
    const socket = connect({ host, port: Number(port), servername: enforcerServerName, ca: identity.authority })
    await once(socket, 'secureConnect')
    const certificate = socket.getPeerX509Certificate()
    socket.destroy()
    expect(certificate?.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
    expect(certificate?.subjectAltName).toBe(`DNS:${enforcerServerName}`)
    expect(new X509Certificate(identity.certificate).keyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
  })

  it('is off unless its port is set', async () => {
    const other = await startApp({ GATEHOUSE_MQTT_PORT: 'off', GATEHOUSE_MQTTS_PORT: 'off' })
    const otherDoor = openBackDoor(other)
    await insertBroker(broker, 'mosquitto-agent', otherDoor)
    await refused((await freshAdmin(other))(enforcers.enrol, at), 'no_enforcer_listener')
    expect(await otherDoor.value('select count(*) from enforcer_authorities')).toBe(0)
    await otherDoor.close()
    await other.stop()
  })
})

it('writes the private key readable for its user only, and never the token', async () => {
  const file = await newFile()
  const { token, ...wanted } = await newToken()
  await enrol(file, { token, ...wanted })
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.json'))
  for (const name of names) expect(await readFile(join(folder, name), 'utf8')).not.toContain(token)
})

it('refuses a certificate that has expired', async () => {
  const now = new Date(Date.now() - 100 * 24 * 60 * 60_000)
  const ports = { GATEHOUSE_ENFORCERS_PORT: '0', GATEHOUSE_MQTT_PORT: 'off', GATEHOUSE_MQTTS_PORT: 'off' }
  const old = await startApp(ports, { now })
  const oldDoor = openBackDoor(old)
  await insertBroker(broker, 'mosquitto-agent', oldDoor)
  const admin = await freshAdmin(old)
  const { token } = await admin(enforcers.enrol, at)
  const { address } = await admin(enforcers.view, at)
  const { request: der, privateKey } = await makeClientRequest('ECDSA P-256', 'agent')
  const { secret } = readEnrolmentToken(token) ?? {}
  const body = JSON.stringify({ secret, csr: armour('CERTIFICATE REQUEST', der), host: 'hall-2', version: '1' })
  const { answer } = await send(address ?? '', '/enrol', { body })
  const own = { cert: String(answer['certificate']), key: armour('PRIVATE KEY', privateKey) }
  expect(await post(address ?? '', '/pull', own)).toEqual([403, 'certificate_expired'])
  await oldDoor.close()
  await old.stop()
})

// Last: TLS judges certificates by the clock of the machine, so the listener works with the present time only.
it('refuses an expired token', async () => {
  const wanted = await newToken()
  app.advance(61 * 60_000)
  await expect(enrol(await newFile(), wanted)).rejects.toMatchObject({ code: 'token_expired' })
  expect((await view()).enrolment).toBeNull()
})
