/**
 * A certificate made in the browser: the key never leaves it, other tools read the files, and the broker accepts the
 * client.
 */
import { execFileSync } from 'node:child_process'
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { clientCertificates } from '@gatehouse/contract/certificates/issued'
import type { Call } from '@gatehouse/contract/client'
import type { Locator, Page } from '@playwright/test'
import { expectDone, expectRefusedInTls, expectShut } from '../support/actions.ts'
import { enter, makeMachine, makePerson, path, topic } from '../support/api.ts'
import { expect, test } from '../support/fixtures.ts'
import { isAll } from '../support/long-run.ts'
import { subscribe } from '../support/mosquitto.ts'
import { openssl } from '../support/openssl.ts'

/** Records everything that the page sends from now on. */
function watch(page: Page): () => string {
  const sent: string[] = []
  page.on('request', (request) => {
    sent.push(request.url(), JSON.stringify(request.headers()), request.postDataBuffer()?.toString('latin1') ?? '')
  })
  return () => sent.join('\n')
}

/** The secret of a P-256 key as it would appear in a text: hexadecimal, and base64 at each of three offsets. */
function tracesOf(key: string): string[] {
  const { d = '' } = createPrivateKey(key).export({ format: 'jwk' })
  const secret = Buffer.from(d, 'base64url')
  const shifted = [0, 1, 2].map((by) =>
    Buffer.concat([Buffer.alloc(by), secret])
      .toString('base64')
      .slice(4, -4),
  )
  return [secret.toString('hex'), secret.toString('latin1'), ...shifted, d.slice(4, -4)]
}

async function openCertificates(page: Page, id: string): Promise<Locator> {
  await page.goto(`/users/${id}?tab=certificates`)
  const certificates = page.getByRole('region', { name: 'Certificates' })
  await certificates.waitFor()
  return certificates
}

/** Clicks, and stores the download under the name that the browser would use. */
async function save(page: Page, button: Locator, folder: string): Promise<string> {
  const saving = page.waitForEvent('download')
  await button.click()
  const download = await saving
  const file = join(folder, download.suggestedFilename())
  await download.saveAs(file)
  return file
}

async function issuedTo(call: Call, user: string) {
  return (await call(clientCertificates.list, { search: { 'user[eq]': user, sort: '-issuedAt' } })).items
}

test('makes and saves a key in the browser, signs in with the shown command, renews it and revokes it', async ({
  page,
  gatehouse,
  call,
  folder,
}) => {
  const { id } = await makeMachine(call, 'press-3', [topic("it's/#", 'read')])
  await enter(page)
  const editing = await openCertificates(page, id)
  const sent = watch(page)
  await editing.getByRole('button', { name: 'Issue certificate…' }).click()
  const issuing = page.getByRole('dialog', { name: 'Issue certificate' })
  await expect(issuing.getByRole('combobox', { name: 'Key' })).toHaveValue('ECDSA P-256 (usual)')
  await issuing.getByLabel('Valid for (days)').fill('398')
  await issuing.getByRole('button', { name: 'Issue', exact: true }).click()
  await expect(issuing.getByText('At most 397')).toBeVisible()
  await expect(issuing.getByLabel('Valid for (days)')).toHaveAttribute('aria-invalid', 'true')
  expect(await issuedTo(call, id)).toEqual([])
  await issuing.getByLabel('Valid for (days)').fill('30')
  await issuing.getByRole('button', { name: 'Issue', exact: true }).click()

  const saving = page.getByRole('dialog', { name: 'Save the certificate and its key' })
  const certificate = await save(page, saving.getByRole('button', { name: 'Certificate', exact: true }), folder)
  const key = await save(page, saving.getByRole('button', { name: 'Private key' }), folder)
  // The page derives the keys of the file from its password, which takes three seconds.
  const within = isAll ? await savePkcs12(page, saving, folder) : undefined
  const values = await save(page, saving.getByRole('button', { name: 'Helm values' }), folder)
  await expectStaysUnsaved(page, saving)
  await saving.getByLabel('I have saved the key').check()
  await saving.getByRole('button', { name: 'Done' }).click()
  await expect(saving).toBeHidden()

  const keyPem = await readFile(key, 'utf8')
  expect(await openssl(['x509', '-in', certificate, '-noout', '-subject', '-checkend', '0'])).toContain('CN = press-3')
  const trusted = ['-CAfile', gatehouse.authorityFile, certificate]
  expect(await openssl(['verify', '-x509_strict', '-purpose', 'sslclient', ...trusted])).toContain('OK')
  const read = new X509Certificate(await readFile(certificate))
  expect(read.checkPrivateKey(createPrivateKey(keyPem))).toBe(true)
  if (within) {
    expect(createPrivateKey(within).equals(createPrivateKey(keyPem))).toBe(true)
    expect(new X509Certificate(within).fingerprint256).toBe(read.fingerprint256)
  }
  expect(await readFile(values, 'utf8')).toContain(keyPem.split('\n')[1])

  // Proves that the recorder works: it saw the request with the public key.
  expect(sent()).toContain('BEGIN CERTIFICATE REQUEST')
  for (const trace of tracesOf(keyPem)) expect(sent()).not.toContain(trace)
  expect(gatehouse.lines.join('\n')).not.toContain(keyPem.split('\n')[1])

  await editing.getByRole('button', { name: 'Client setup…' }).click()
  const line = page.getByRole('dialog', { name: 'Client setup' }).getByRole('region', { name: 'Subscribe' })
  await save(page, page.getByRole('link', { name: 'authority.crt' }), folder)
  // Ends when the broker has confirmed the subscription.
  const told = runInShell(`${await line.innerText()} -d -E -W 60`, folder)
  expect(told).toContain('received CONNACK (0)')
  expect(told).toMatch(/Subscribed \(mid: \d+\): 0/)
  await page.getByRole('button', { name: 'Close', exact: true }).last().click()

  await renew(page, editing)
  const [renewed, old] = await issuedTo(call, id)
  expect(old?.renewedBy).toBe(renewed?.fingerprint)
  expect(renewed?.keyAlgorithm).toBe('RSA 3072')
  const second = editing.getByRole('listitem').filter({ hasText: 'renewed' })
  // It is valid for 30 more days, but it was replaced.
  await expect(second).not.toContainText('29 days')
  await second.getByRole('button', { name: /^Actions for certificate/ }).click()
  await page.getByRole('menuitem', { name: 'Revoke…' }).click()
  const revoking = page.getByRole('dialog', { name: 'Revoke certificate' })
  await expect(revoking).toContainText('CN=press-3')
  await revoking.getByRole('button', { name: 'Revoke' }).click()
  await expectDone(page, 'The certificate of press-3 is revoked.')
  await expect(second).toContainText('revoked')
  const login = { url: gatehouse.mqttsUrl, caFile: gatehouse.authorityFile, certificate: { key, certificate } }
  await expectRefusedInTls(login)
})

/** Returns what openssl finds in the PKCS#12 file. */
async function savePkcs12(page: Page, saving: Locator, folder: string): Promise<string> {
  await saving.getByRole('button', { name: 'Generate' }).click()
  await writeFile(join(folder, 'password'), await saving.getByLabel('File password').inputValue())
  const file = await save(page, saving.getByRole('button', { name: 'PKCS#12 file' }), folder)
  return openssl(['pkcs12', '-in', file, '-passin', `file:${join(folder, 'password')}`, '-nodes'])
}

/** The page asks before it closes, and only the ticked box lets the dialog close. */
async function expectStaysUnsaved(page: Page, saving: Locator): Promise<void> {
  const asked = page.waitForEvent('dialog')
  await page.evaluate(() => setTimeout(() => location.reload()))
  const question = await asked
  expect(question.type()).toBe('beforeunload')
  await question.dismiss()
  await page.keyboard.press('Escape')
  await expect(saving.getByRole('button', { name: 'Done' })).toBeDisabled()
}

async function renew(page: Page, editing: Locator): Promise<void> {
  await editing.getByRole('button', { name: /^Actions for certificate/ }).click()
  await page.getByRole('menuitem', { name: 'Renew…' }).click()
  const renewing = page.getByRole('dialog', { name: 'Renew certificate' })
  await renewing.getByRole('combobox', { name: 'Key' }).click()
  await page.getByRole('option', { name: 'RSA 3072' }).click()
  await renewing.getByRole('button', { name: 'Renew' }).click()
  await page.getByLabel('I have saved the key').check()
  await page.getByRole('button', { name: 'Done' }).click()
  await expect(editing.getByRole('listitem')).toHaveCount(2)
}

/** Ends with an error after its time, which is the normal end. */
function runInShell(line: string, folder: string): string {
  return execFileSync('sh', ['-c', `${line} || true`], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
}

test('offers to save the key although the dialog was closed before the answer arrived', async ({
  page,
  gatehouse,
  call,
  folder,
}) => {
  const { id } = await makeMachine(call, 'slow-line', [topic('slow/#', 'read')])
  await enter(page)
  const editing = await openCertificates(page, id)
  const answer = Promise.withResolvers<void>()
  await page.route('**/api/client-certificates', async (route) => {
    if (route.request().method() === 'POST') await answer.promise
    await route.continue()
  })
  await editing.getByRole('button', { name: 'Issue certificate…' }).click()
  const issuing = page.getByRole('dialog', { name: 'Issue certificate' })
  const kind = await chooseEd25519(page, issuing)
  const asked = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('certificates'))
  await issuing.getByRole('button', { name: 'Issue', exact: true }).click()
  await asked
  await issuing.getByRole('button', { name: 'Cancel' }).click()
  await expect(issuing).toBeHidden()
  answer.resolve()
  const saving = page.getByRole('dialog', { name: 'Save the certificate and its key' })
  const key = await save(page, saving.getByRole('button', { name: 'Private key' }), folder)
  const certificate = await save(page, saving.getByRole('button', { name: 'Certificate', exact: true }), folder)
  await saving.getByLabel('I have saved the key').check()
  await saving.getByRole('button', { name: 'Done' }).click()
  await expect(editing).toBeVisible()

  expect(await openssl(['pkey', '-in', key, '-noout', '-text'])).toMatch(kind.asOpensslSays)
  const login = { url: gatehouse.mqttsUrl, caFile: gatehouse.authorityFile, certificate: { key, certificate } }
  const client = subscribe(login, ['slow/#'])
  expect(await client.suback()).toEqual([0])
  await client.stop()
})

/** Expects this kind of key to be offered if the browser supports it, and chooses it. */
async function chooseEd25519(page: Page, issuing: Locator): Promise<{ asOpensslSays: RegExp }> {
  const can = await page.evaluate(() =>
    crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']).then(
      () => true,
      () => false,
    ),
  )
  const field = issuing.getByRole('combobox', { name: 'Key' })
  await field.click()
  const names = ['ECDSA P-256 (usual)', 'RSA 3072', ...(can ? ['Ed25519'] : [])]
  await expect(page.getByRole('option')).toHaveText(names)
  await page.getByRole('option').last().click()
  await expect(field).toHaveValue(names.at(-1) ?? '')
  return { asOpensslSays: can ? /^ED25519 Private-Key/ : /^(RSA )?Private-Key: \(3072 bit/ }
}

test('signs a request of openssl where the browser makes no keys, and does not send a private key', async ({
  page,
  gatehouse,
  call,
  folder,
}) => {
  const { id } = await makeMachine(call, 'oven-3', [topic('oven/#', 'read')])
  const [key, csr] = [join(folder, 'own.key'), join(folder, 'own.csr')]
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', csr]
  await openssl(['req', '-new', ...made, '-subj', '/CN=admin'])
  const keyPem = await readFile(key, 'utf8')
  await enter(page)
  // As on a page without HTTPS.
  await page.addInitScript(() => Object.defineProperty(crypto, 'subtle', { value: undefined }))
  const editing = await openCertificates(page, id)
  const sent = watch(page)
  await editing.getByRole('button', { name: 'Issue certificate…' }).click()
  const issuing = page.getByRole('dialog', { name: 'Issue certificate' })
  await expect(issuing).toContainText('This browser generates keys only on https pages.')
  const field = issuing.getByLabel('Request (CSR)')
  await field.fill((await readFile(csr, 'utf8')) + keyPem)
  await expect(issuing.getByRole('alert')).toContainText('It stayed in this browser')
  await expect(field).toHaveValue('')
  await issuing.getByRole('button', { name: 'Issue', exact: true }).click()
  await expect(field).toHaveAttribute('aria-invalid', 'true')
  expect(await issuedTo(call, id)).toEqual([])

  const choosing = page.waitForEvent('filechooser')
  await issuing.getByRole('button', { name: 'Choose a file' }).click()
  await (await choosing).setFiles(csr)
  await expect(field).toHaveValue(/BEGIN CERTIFICATE REQUEST/)
  await issuing.getByRole('button', { name: 'Issue', exact: true }).click()
  const done = page.getByRole('dialog', { name: 'Certificate issued' })
  const certificate = await save(page, done.getByRole('button', { name: 'Certificate', exact: true }), folder)
  await done.getByRole('button', { name: 'Done' }).click()
  expect(await openssl(['x509', '-in', certificate, '-noout', '-subject'])).toBe('subject=CN = oven-3\n')
  expect(new X509Certificate(await readFile(certificate)).publicKey.equals(createPublicKey(keyPem))).toBe(true)
  for (const trace of tracesOf(keyPem)) expect(sent()).not.toContain(trace)
  const login = { url: gatehouse.mqttsUrl, caFile: gatehouse.authorityFile, certificate: { key, certificate } }
  const client = subscribe(login, ['oven/#'])
  expect(await client.suback()).toEqual([0])
  await client.stop()
})

test('refuses a caller who does not cover the user, and tells a caller who may not issue before', {
  tag: '@all',
}, async ({ page, call }) => {
  const { id } = await makeMachine(call, 'kiln-3', [topic('kiln/#', 'read')])
  const reads = ['/api/users/#', '/api/client-certificates/#'].map((one) => path(one, 'read'))
  const password = 'only for this browser test'
  const [operator, onlooker] = [
    { username: 'operator', password },
    { username: 'onlooker', password },
  ]
  await makePerson(call, operator, [...reads, path('/api/client-certificates/#', 'write')])
  await makePerson(call, onlooker, reads)
  await enter(page, operator)
  const editing = await openCertificates(page, id)
  await editing.getByRole('button', { name: 'Issue certificate…' }).click()
  const issuing = page.getByRole('dialog', { name: 'Issue certificate' })
  await issuing.getByRole('button', { name: 'Issue', exact: true }).click()
  await expect(issuing.getByRole('alert')).toContainText('This exceeds your own permissions.')
  expect(await issuedTo(call, id)).toEqual([])
  await enter(page, onlooker)
  await openCertificates(page, id)
  await expectShut(
    editing.getByRole('button', { name: 'Issue certificate…' }),
    'You need the permission to change /api/client-certificates.',
  )
})
