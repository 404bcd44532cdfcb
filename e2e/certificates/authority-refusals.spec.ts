/** Input that must not become an authority: browser and API refuse it, and nothing changes. */
import { randomBytes } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { authorities, maxUploadBytes } from '@gatehouse/contract/certificates/authorities'
import type { Call } from '@gatehouse/contract/client'
import { expectRefusal, openPage } from '../support/actions.ts'
import { enter, makePerson, path, scriptCall } from '../support/api.ts'
import { dropFiles } from '../support/drop.ts'
import { expect, test } from '../support/fixtures.ts'
import {
  bundle,
  makeAuthority,
  makeDevice,
  makeExpiredAuthority,
  makeModernAuthority,
  openssl,
} from '../support/openssl.ts'

let before: string[]

test.beforeEach(async ({ page, call }) => {
  before = await trusted(call)
  await enter(page)
  await openPage(page, '/authorities', 'Authorities')
})

test.afterEach(async ({ call }) => {
  expect(await trusted(call)).toEqual(before)
})

test('refuses input that is not a certificate', { tag: '@all' }, async ({ page, call, folder }) => {
  const file = join(folder, 'notes.txt')
  await writeFile(file, 'Ask Maria for the CA.\n')
  await dropFiles(page, [file])
  const dialog = page.getByRole('dialog', { name: 'Upload CA' })
  await expect(dialog.getByRole('alert')).toContainText('This contains no certificate.')
  await expect(dialog.getByRole('alert')).toContainText('notes.txt')
  await expectRefusal(upload(call, await readFile(file, 'utf8')), 'not_a_certificate')
})

test('names a key store and a request; the key store stays in the browser', async ({ page, folder }) => {
  const { certificate, key } = await makeModernAuthority(folder, 'ca', 'CA in a store')
  const sent: string[] = []
  page.on('request', (request) => sent.push(request.url()))
  const [store, request] = [join(folder, 'trust.p12'), join(folder, 'own.csr')]
  await openssl(['pkcs12', '-export', '-nokeys', '-in', certificate, '-passout', 'pass:x', '-out', store])
  await openssl(['req', '-new', '-key', key, '-subj', '/CN=x', '-out', request])
  const alert = page.getByRole('dialog', { name: 'Upload CA' }).getByRole('alert')

  await dropFiles(page, [store])
  await expect(alert).toContainText('This is a key store (.p12, .pfx, .jks, .jceks).')
  await expect(alert).toContainText('openssl pkcs12 -in store.p12 -nokeys')
  expect(sent.filter((url) => url.endsWith('/inspect'))).toEqual([])

  await dropFiles(page, [request])
  await expect(alert).toContainText('This is a certificate request (CSR) that is not signed yet.')
})

test('keeps a pasted private key in the browser; the server stores nothing of one that is sent', async ({
  page,
  gatehouse,
  call,
  folder,
}) => {
  const { key, certificate } = await makeModernAuthority(folder, 'ca', 'CA with its key', 'RSA 2048')
  const secret = await readFile(key, 'utf8')
  const sent: string[] = []
  page.on('request', (request) => sent.push(request.postData() ?? ''))

  await page.getByRole('button', { name: 'Upload CA' }).click()
  const dialog = page.getByRole('dialog', { name: 'Upload CA' })
  const field = dialog.getByLabel('Or paste text')
  await field.fill((await readFile(certificate, 'utf8')) + secret)
  await expect(dialog.getByRole('alert')).toContainText('This is a private key.')
  await expect(field).toHaveValue('')
  expect(sent.join('\n')).not.toContain('PRIVATE KEY')

  const answer = await page.request.post('/api/authorities', {
    headers: { 'X-Requested-With': 'gatehouse' },
    data: { certificates: secret },
  })
  expect(answer.status()).toBe(422)
  const text = await answer.text()
  expect(JSON.parse(text)).toMatchObject({ code: 'private_key' })
  const line = secret.split('\n')[3] ?? ''
  expect(line).toMatch(/^[A-Za-z0-9+/]{64}$/)
  expect(text).not.toContain(line)
  expect(gatehouse.lines.join('\n')).not.toContain(line)
  expect(await filesWith(gatehouse.dataFolder, line)).toEqual([])
  expect(await call(authorities.list, { search: { search: 'CA with its key' } })).toMatchObject({ items: [] })
})

test('refuses the certificate of a device, alone and among authorities', async ({ page, call, folder }) => {
  const authority = await makeAuthority(folder, 'ca', { commonName: 'Plant CA' })
  const device = await makeDevice(folder, 'device', { commonName: 'device001' }, authority, 'ECDSA P-256')
  const modern = await makeModernAuthority(folder, 'other', 'Other CA', 'ECDSA P-256')
  const mixed = await bundle(join(folder, 'mixed.pem'), [device.certificate, modern.certificate])

  const dialog = page.getByRole('dialog', { name: 'Upload CA' })
  for (const [file, sentence] of [
    [device.certificate, 'It cannot be trusted as a CA.'],
    [mixed, '1 of these cannot be trusted as a CA. Either all are added or none.'],
  ] as const) {
    await dropFiles(page, [file])
    await expect(dialog.getByRole('alert')).toContainText(sentence)
    await expect(dialog.getByText('not a CA', { exact: true })).toBeVisible()
    await expect(dialog.getByText('Nothing was added.')).toBeVisible()
    await expect(dialog.getByRole('button', { name: /^Trust/ })).toHaveCount(0)
    await expectRefusal(upload(call, await readFile(file, 'utf8')), 'authority_refused')
  }
})

test('refuses an expired CA', { tag: '@all' }, async ({ page, call, folder }) => {
  const { certificate } = await makeExpiredAuthority(folder, 'old', 'Old CA')
  await dropFiles(page, [certificate])
  const dialog = page.getByRole('dialog', { name: 'Upload CA' })
  await expect(dialog.getByText(/^expired in \w+ \d{4}$/)).toBeVisible()
  await expect(dialog.getByText('Nothing was added.')).toBeVisible()
  await expectRefusal(upload(call, await readFile(certificate, 'utf8')), 'authority_refused')
})

test('refuses 4 MiB of unreadable text', { tag: '@all' }, async ({ page, call, gatehouse, folder }) => {
  const dialog = page.getByRole('dialog', { name: 'Upload CA' })
  const rubbish = join(folder, 'rubbish.bin')
  await writeFile(rubbish, randomBytes(maxUploadBytes))
  await dropFiles(page, [rubbish])
  await expect(dialog.getByRole('alert')).toContainText('This contains no certificate.')

  await writeFile(rubbish, randomBytes(maxUploadBytes + 1))
  await dropFiles(page, [rubbish])
  await expect(dialog.getByRole('alert')).toContainText('This is more data than the server accepts at once.')
  await expect(dialog.getByRole('alert')).toContainText('The maximum is 4 MiB. It was not sent.')

  // Text that resembles PEM is sent to the server.
  const armoured = join(folder, 'rubbish.pem')
  const lines =
    randomBytes((maxUploadBytes * 11) / 16)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  await writeFile(armoured, `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`)
  await dropFiles(page, [armoured])
  await expect(dialog.getByRole('alert')).toContainText('Block 1 contains no readable certificate.')
  await expectRefusal(upload(call, await readFile(armoured, 'utf8')), 'not_a_certificate')
  await expectRefusal(upload(call, 'x'.repeat(maxUploadBytes)), 'too_large')
  expect((await fetch(`${gatehouse.url}/readyz`)).status).toBe(200)
})

test('disables the upload for an operator who may only read, with a reason', { tag: '@all' }, async ({
  gatehouse,
  call,
  openBrowser,
  folder,
}) => {
  const reader = { username: 'reader', password: 'only for this story' }
  await makePerson(call, reader, [path('/api/authorities/#', 'read')])
  const context = await openBrowser()
  const page = await context.newPage()
  await enter(page, reader)
  await openPage(page, '/authorities', 'Authorities')
  const button = page.getByRole('button', { name: 'Upload CA' })
  await expect(button).toHaveAttribute('aria-disabled', 'true')
  await button.hover()
  await expect(page.getByRole('tooltip')).toHaveText('You need the permission to change /api/authorities.')
  await page.keyboard.press('Escape')

  const { certificate } = await makeModernAuthority(folder, 'ca', 'CA of nobody')
  await dropFiles(page, [certificate])
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await page.goto('/authorities?upload=')
  await expect(page.getByRole('button', { name: /^Trust/ })).toHaveCount(0)

  const asReader = await page.request.post('/api/authorities', {
    headers: { 'X-Requested-With': 'gatehouse' },
    data: { certificates: await readFile(certificate, 'utf8') },
  })
  expect(await asReader.json()).toMatchObject({ status: 403, code: 'not_permitted' })
  await expectRefusal(scriptCall(gatehouse.url, reader), 'sign_in_refused')
})

function upload(call: Call, certificates: string) {
  return call(authorities.create, { body: { certificates } })
}

async function trusted(call: Call): Promise<string[]> {
  const { items } = await call(authorities.list, { search: { limit: 200 } })
  return items.map(({ fingerprint }) => fingerprint)
}

async function filesWith(folder: string, text: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  const contents = await Promise.all(paths.map((file) => readFile(file, 'latin1')))
  return paths.filter((_, at) => contents[at]?.includes(text))
}
