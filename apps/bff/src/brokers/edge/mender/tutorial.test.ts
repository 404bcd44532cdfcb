/**
 * The tutorial "Mutual TLS authentication" of docs.mender.io by its own commands, with Gatehouse in place of the ambassador: certificates by
 * openssl, its environment and mounts, and a device that curl and openssl play.
 */
import { randomBytes } from 'node:crypto'
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { broker } from '@gatehouse/contract/brokers/broker'
import { listeners } from '@gatehouse/contract/brokers/listeners'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { followMender, mendersDevice, mendersServer } from '../../../../../../e2e/support/mender-tutorial.ts'
import { execute, succeed } from '../../../../../../e2e/support/outside.ts'
import { startApp, type TestApp } from '../../../../test/app.ts'
import { type MenderBackend, managementUser, startMenderBackend } from '../../../../test/mender-backend.ts'

const mebibyte = 1_024 * 1_024
/** An artefact of a real device has 200 MiB. */
const artifact = randomBytes((process.env['GATEHOUSE_TEST_ALL'] ? 200 : 8) * mebibyte)

let folder: string
let backend: MenderBackend
let app: TestApp
let port: number

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-tutorial-'))
  const { authority, server } = await followMender(folder)
  const mounts = join(folder, 'mtls/certs')
  for (const part of ['server', 'tenant-ca']) await mkdir(join(mounts, part), { recursive: true })
  await copyFile(server.certificate, join(mounts, 'server/server.crt'))
  await copyFile(server.key, join(mounts, 'server/server.key'))
  await copyFile(authority, join(mounts, 'tenant-ca/tenant.ca.pem'))
  backend = await startMenderBackend(artifact)
  app = await startApp({
    MTLS_MENDER_USER: managementUser.username,
    MTLS_MENDER_PASS: managementUser.password,
    MTLS_MENDER_BACKEND: backend.origin,
    MTLS_DEBUG_LOG: 'true',
    GATEHOUSE_EDGE_CERTS: mounts,
    GATEHOUSE_EDGE_PORT: '0',
  })
  const { items } = await (await app.as('admin'))(listeners.list, { search: {} })
  port = items.find(({ name }) => name === 'mender')?.status.boundPort ?? 0
})
afterAll(async () => {
  await app.stop()
  backend.close()
  await rm(folder, { recursive: true })
})

/** What a shell of the device runs, with these options of curl. */
const asDevice = '--cert device-cert.pem --key device-private.key'
function curl(options: string): string {
  const place = `--resolve ${mendersServer}:${port}:127.0.0.1 --cacert ca-cert.pem`
  return `curl --silent --show-error --fail-with-body ${place} ${options}`
}
const url = (path: string) => `https://${mendersServer}:${port}/api/devices/v1/${path}`

/** As the Mender client does: the request in a file, signed with the key of the certificate. */
const writeRequest = `
openssl pkey -in device-private.key -pubout -out device-public.pem
pubkey=$(awk '{printf "%s\\\\n", $0}' device-public.pem)
printf '{"id_data":"{\\\\"mac\\\\":\\\\"de:ad:be:ef:00:01\\\\"}","pubkey":"%s","tenant_token":""}' "$pubkey" > request.json
openssl dgst -sha256 -sign device-private.key request.json | base64 -w 0 > signature
`
const authenticate = (options: string) =>
  curl(
    `${options} -H 'Content-Type: application/json' -H "X-MEN-Signature: $(cat signature)" ` +
      `--data-binary @request.json ${url('authentication/auth_requests')}`,
  )
const run = (commands: string) => succeed('sh', ['-e', '-c', commands], folder)

it('accepts the device of the tutorial without a person, in the console and at the Mender server', async () => {
  await run(`${writeRequest}${authenticate(`${asDevice} -o token`)}`)
  expect(await readFile(join(folder, 'token'), 'utf8')).toMatch(/^jwt-/)
  expect(backend.devices.map(({ sets }) => sets.map(({ status }) => status))).toEqual([['accepted']])

  const admin = await app.as('admin')
  const { items } = await admin(users.list, { search: { 'username[eq]': mendersDevice } })
  expect(items).toMatchObject([{ kind: 'machine', grantTypes: [{ method: 'certificate' }] }])
  const events = await admin(audit.list, { search: { 'action[eq]': 'user.admitted' } })
  expect(events.items[0]).toMatchObject({ target: { name: mendersDevice }, after: { admissionRule: 'Mender' } })
  const admitted = await admin(broker.decisions, { search: { 'outcome[eq]': 'admitted' } })
  expect(admitted.items.at(-1)).toMatchObject({ username: mendersDevice, listener: 'mender', admissionRule: 'Mender' })
})

it('passes its inventory on, and an artefact whose download was interrupted', async () => {
  const token = `-H "Authorization: Bearer $(cat token)"`
  const attributes = `--data '[{"name":"kernel","value":"6.1"}]' ${url('inventory/device/attributes')}`
  const inventory = await run(curl(`${asDevice} ${token} -X PATCH ${attributes}`))
  expect(JSON.parse(inventory)).toMatchObject({ path: '/api/devices/v1/inventory/device/attributes' })
  const half = artifact.length / 2
  await run(curl(`${asDevice} ${token} -r 0-${half - 1} -o artifact ${url('artifact')}`))
  await run(curl(`${asDevice} ${token} -C - -o artifact ${url('artifact')}`))
  expect((await readFile(join(folder, 'artifact'))).equals(artifact)).toBe(true)
})

it.each([
  ['without a certificate', ''],
  ['with a certificate of another CA', '--cert other-cert.pem --key other-private.key'],
])('lets no device reach the server %s', async (_what, options) => {
  await run(`openssl ecparam -genkey -name P-256 -noout -out other-private.key
openssl req -new -x509 -key other-private.key -out other-cert.pem -config device-cert.conf -days 365`)
  backend.asked.length = 0
  const { code } = await execute('sh', ['-e', '-c', authenticate(options)], folder)
  // The alert of the server, or the end of the connection.
  expect([35, 52, 55, 56]).toContain(code)
  expect(backend.asked).toEqual([])
})
