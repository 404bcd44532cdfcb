/** The HTTP edge: an upstream, a listener for devices and a permission are added, and a real device reaches the upstream. */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { listeners } from '@gatehouse/contract/brokers/listeners'
import { upstreams } from '@gatehouse/contract/brokers/upstreams'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { chooseAction, expectDone, goTo, openAdvanced, openPage } from '../support/actions.ts'
import { enter, makeMachine } from '../support/api.ts'
import { expect, test } from '../support/fixtures.ts'
import { type KeyPair, makeAuthority, makeDevice } from '../support/openssl.ts'

test('a device reaches an upstream by its certificate as far as its permissions go, and not after the upstream is deleted', async ({
  page,
  call,
  folder,
}) => {
  const upstream = createServer(
    ({ headers }, response) => void response.end(`hello ${String(headers['x-gatehouse-user'])}`),
  )
  const origin = await listenAnywhere(upstream)
  const authority = await makeAuthority(folder, 'plant', { commonName: 'Plant CA' })
  await call(authorities.create, { body: { certificates: await readFile(authority.certificate, 'utf8') } })
  await makeMachine(call, 'press-1')
  const device = await makeDevice(folder, 'press-1', { commonName: 'press-1' }, authority)

  await enter(page)
  await openPage(page, '/broker/upstreams', 'Upstreams')
  await page.getByRole('button', { name: 'Add upstream' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add upstream' })
  await dialog.getByLabel('Name').fill('telemetry')
  await dialog.getByRole('textbox', { name: 'Address' }).fill(`${origin}/`)
  await dialog.getByRole('button', { name: 'Test' }).click()
  const steps = dialog.getByRole('list', { name: 'Steps of the test' }).getByRole('listitem')
  await expect(steps).toContainText([
    'Find the addressWorks.',
    'Open a connectionWorks.',
    'Not tested.',
    'Get an answerWorks. (HTTP 200)',
    'Not tested.',
  ])
  await dialog.getByRole('button', { name: 'Create' }).click()
  await expectDone(page, 'Upstream telemetry added.')
  await expect(page.getByRole('row', { name: 'telemetry' })).toContainText(origin)

  await goTo(page, '/broker/listeners', 'Listeners')
  await page.getByRole('button', { name: 'Add listener' }).click()
  const adding = page.getByRole('dialog', { name: 'Add listener' })
  await adding.getByLabel('Name').fill('devices')
  await adding.getByRole('combobox', { name: 'Protocol', exact: true }).click()
  await page.getByRole('option', { name: 'HTTP for devices' }).click()
  await adding.getByRole('combobox', { name: 'Upstream' }).click()
  await page.getByRole('option', { name: 'telemetry' }).click()
  await adding.getByRole('textbox', { name: 'Address' }).fill('127.0.0.1')
  await adding.getByLabel('Port').fill('0')
  await adding.getByRole('button', { name: 'Create' }).click()
  await expect(page.getByText('Listener devices is open on')).toBeVisible()
  const created = (await call(listeners.list, { search: {} })).items.find(({ name }) => name === 'devices')
  const port = created?.status.boundPort ?? 0

  expect(await get(port, device, '/state')).toEqual({ status: 403, body: '{"error":"request_refused"}' })
  const editing = await openAdvanced(page, 'press-1')
  await editing.getByRole('button', { name: 'Add path of an upstream' }).click()
  await editing.getByLabel('Path of an upstream 1').fill('/telemetry/state/#')
  await editing.getByRole('button', { name: 'Save' }).click()
  await expectDone(page, 'User press-1 updated.')
  expect(await get(port, device, '/state/now')).toEqual({ status: 200, body: 'hello press-1' })
  expect(await get(port, device, '/other')).toMatchObject({ status: 403 })
  await goTo(page, '/broker/decisions', 'Decisions')
  const refused = page.getByRole('listitem').filter({ hasText: 'may not send this request through the edge' })
  await expect(refused.first()).toContainText('/telemetry/other')

  await goTo(page, '/broker/upstreams', 'Upstreams')
  await chooseAction(page, 'telemetry', 'Delete…')
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await expect(page.getByText('A listener serves this upstream.')).toBeVisible()
  upstream.close()
})

test('the identity of a Mender device is listed, and another one counts after it was released', async ({
  page,
  call,
  folder,
}) => {
  // Accepts every device, as a Mender server does that preauthorises all.
  const server = createServer(({ method, url = '' }, response) => {
    response.writeHead(method === 'POST' && url.endsWith('/devauth/devices') ? 201 : 200).end('token')
  })
  const origin = await listenAnywhere(server)
  const authority = await makeAuthority(folder, 'boards', { commonName: 'Board CA' })
  await call(authorities.create, { body: { certificates: await readFile(authority.certificate, 'utf8') } })
  const permissions = [{ context: 'edge' as const, resource: '/mender/#', operation: 'readWrite' as const }]
  await makeMachine(call, 'board-press', permissions)
  const device = await makeDevice(folder, 'board-press', { commonName: 'board-press' }, authority)
  const settings = { kind: 'mender' as const, origin, authentication: 'bearer' as const, secret: 'token' }
  const { id: upstream } = await call(upstreams.create, { body: { name: 'mender', ...settings } })
  const place = { name: 'boards', purpose: 'device-http' as const, address: '127.0.0.1', port: 0 }
  const listener = await call(listeners.create, { body: { ...place, upstream } })
  const authenticate = (sn: string) => authenticateAs(sn, { port: listener.status.boundPort ?? 0, device })

  expect(await authenticate('board-1')).toMatchObject({ status: 200 })
  expect(await authenticate('board-2')).toEqual({ status: 403, body: '{"error":"identity_differs"}' })
  await enter(page)
  await openPage(page, '/broker/upstreams', 'Upstreams')
  await chooseAction(page, 'mender', 'Identities')
  const dialog = page.getByRole('dialog', { name: 'Identities' })
  const filtered = page.waitForResponse((response) => response.url().endsWith('=board-press'))
  await dialog.getByRole('textbox', { name: 'Username' }).fill('board-press')
  // A first answer that is on its way counts also after the release, and would show the released identity.
  await filtered
  await dialog
    .getByRole('listitem')
    .filter({ hasText: 'board-press' })
    .getByRole('button', { name: 'Release…' })
    .click()
  await page
    .getByRole('dialog', { name: 'Release the identity of board-press?' })
    .getByRole('button', { name: 'Release' })
    .click()
  await expectDone(page, 'The identity of board-press was released.')
  await expect(dialog).toContainText('No identity found.')
  expect(await authenticate('board-2')).toMatchObject({ status: 200 })
  server.close()
})

async function listenAnywhere(server: Server): Promise<string> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** As a Mender client that signs with the key of its certificate. */
async function authenticateAs(sn: string, { port, device }: { port: number; device: KeyPair }) {
  const key = createPrivateKey(await readFile(device.key))
  const pubkey = createPublicKey(key).export({ type: 'spki', format: 'pem' })
  const body = JSON.stringify({ id_data: JSON.stringify({ sn }), pubkey })
  const signature = sign('sha256', Buffer.from(body), key).toString('base64')
  const headers = { 'Content-Type': 'application/json', 'X-MEN-Signature': signature }
  return get(port, device, '/api/devices/v1/authentication/auth_requests', { method: 'POST', headers, body })
}

interface Sending {
  method?: string
  headers?: Record<string, string>
  body?: string
}

/** One request of a device over a connection of its own. */
async function get(
  port: number,
  device: KeyPair,
  path: string,
  { body, ...sending }: Sending = {},
): Promise<{ status: number; body: string }> {
  const [cert, key] = await Promise.all([readFile(device.certificate), readFile(device.key)])
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>()
  const place = { host: '127.0.0.1', port, path, cert, key, rejectUnauthorized: false, agent: false as const }
  const sent = request({ ...place, ...sending })
  sent.on('error', reject).on('response', (response) => {
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }))
  })
  sent.end(body)
  return promise
}
