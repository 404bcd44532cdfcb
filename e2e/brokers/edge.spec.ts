/** The HTTP edge: an upstream, a listener for devices and a permission are added, and a real device reaches the upstream. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { listeners } from '@gatehouse/contract/brokers/listeners'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { chooseAction, expectDone, openAdvanced, openPage } from '../support/actions.ts'
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
  await new Promise<void>((resolve) => void upstream.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`
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
  await dialog.getByRole('button', { name: 'Create' }).click()
  await expectDone(page, 'Upstream telemetry added.')
  await expect(page.getByRole('row', { name: 'telemetry' })).toContainText(origin)

  await openPage(page, '/broker/listeners', 'Listeners')
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
  await expectDone(page, 'press-1 updated')
  expect(await get(port, device, '/state/now')).toEqual({ status: 200, body: 'hello press-1' })
  expect(await get(port, device, '/other')).toMatchObject({ status: 403 })
  await openPage(page, '/broker/decisions', 'Decisions')
  const refused = page.getByRole('listitem').filter({ hasText: 'may not send this request through the edge' })
  await expect(refused.first()).toContainText('/telemetry/other')

  await openPage(page, '/broker/upstreams', 'Upstreams')
  await chooseAction(page, 'telemetry', 'Delete…')
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await expect(page.getByText('A listener serves this upstream.')).toBeVisible()
  upstream.close()
})

/** One request of a device over a connection of its own. */
async function get(port: number, device: KeyPair, path: string): Promise<{ status: number; body: string }> {
  const [cert, key] = await Promise.all([readFile(device.certificate), readFile(device.key)])
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>()
  const sent = request({ host: '127.0.0.1', port, path, cert, key, rejectUnauthorized: false, agent: false })
  sent.on('error', reject).on('response', (response) => {
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }))
  })
  sent.end()
  return promise
}
