/** Uploads authorities in the formats that people have, inspects them, and deletes them. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import type { Call } from '@gatehouse/contract/client'
import { issueAuthority as issueQuickly, makeAuthority as makeQuickly } from '@gatehouse/pki/testing/certificates'
import type { Locator, Page } from '@playwright/test'
import { expectAccessible } from '../support/accessibility.ts'
import { chooseAction, expectDone, goTo, openPage } from '../support/actions.ts'
import { enter, makeMachine } from '../support/api.ts'
import { dropFiles } from '../support/drop.ts'
import { expect, test } from '../support/fixtures.ts'
import { subscribe } from '../support/mosquitto.ts'
import { bundle, fingerprintOf, makeDevice, makeModernAuthority, openssl } from '../support/openssl.ts'

test.beforeEach(async ({ page }) => {
  await enter(page)
  await openPage(page, '/authorities', 'Authorities')
})

test('reports a duplicate, alone and among others', { tag: '@all' }, async ({ page, call, folder }) => {
  const known = await makeModernAuthority(folder, 'known', 'Known CA', 'ECDSA P-256')
  const fresh = await makeModernAuthority(folder, 'fresh', 'Fresh CA', 'ECDSA P-256')
  await call(authorities.create, { body: { certificates: await readFile(known.certificate, 'utf8') } })
  const dialog = await give(page, known.certificate)
  await expect(dialog.getByText('already trusted', { exact: true })).toBeVisible()
  await expect(dialog.getByText('All certificates in it are already trusted.')).toBeVisible()

  await give(page, await bundle(join(folder, 'both.pem'), [known.certificate, fresh.certificate]))
  await expect(dialog).toContainText('2 certificates in both.pem')
  await trust(dialog, 'Trust 1 CA')
  await expectDone(page, 'Fresh CA is now trusted. 1 was already trusted.')
  expect(await namesFor(call, 'Known CA')).toEqual(['Known CA'])
})

test('trusts two CAs with the same subject, with a warning, and accepts clients of both', { tag: '@all' }, async ({
  page,
  call,
  gatehouse,
  folder,
}) => {
  const [first, second] = [
    await makeModernAuthority(folder, 'first', 'Twin CA', 'ECDSA P-256'),
    await makeModernAuthority(folder, 'second', 'Twin CA', 'ECDSA P-256'),
  ]
  await trust(await give(page, first.certificate), 'Trust 1 CA')
  await expectDone(page, 'Twin CA is now trusted.')
  const dialog = await give(page, second.certificate)
  await expect(dialog).toContainText('Another CA is also called CN=Twin CA, with a different key.')
  await dialog.getByLabel('Name', { exact: true }).fill('Twin CA, new key')
  await trust(dialog, 'Trust 1 CA')
  await expectDone(page, 'Twin CA, new key is now trusted.')
  await goTo(page, '/authorities?search=Twin', 'Authorities')
  const rows = page.getByRole('row').filter({ hasText: 'same name, different key' })
  await expect(rows).toHaveCount(2)
  await makeMachine(call, 'press-1')
  for (const ca of [first, second]) {
    const certificate = await makeDevice(folder, 'press', { commonName: 'press-1' }, ca)
    const press = subscribe({ url: gatehouse.mqttsUrl, caFile: gatehouse.authorityFile, certificate }, ['a'])
    expect(await press.connack()).toBe(0)
    await press.stop()
  }
})

test('reads DER, PKCS#7, and several files at once', async ({ page, call, folder }) => {
  const names = ['der', 'one', 'two', 'three']
  const files = await Promise.all(
    names.map(async (name) => (await makeModernAuthority(folder, name, `Format ${name}`, 'ECDSA P-256')).certificate),
  )
  const [der, one, two, three] = files as [string, string, string, string]
  const derFile = join(folder, 'plant.cer')
  await openssl(['x509', '-in', der, '-outform', 'DER', '-out', derFile])
  const p7b = join(folder, 'plant.p7b')
  const inside = ['-certfile', one, '-certfile', two]
  await openssl(['crl2pkcs7', '-nocrl', ...inside, '-outform', 'DER', '-out', p7b])

  await trust(await give(page, derFile), 'Trust 1 CA')
  await expectDone(page, 'Format der is now trusted.')
  const dialog = await give(page, p7b, three)
  await expect(dialog).toContainText('3 certificates in 2 files')
  await trust(dialog, 'Trust 3 CAs')
  await expectDone(page, '3 CAs are now trusted.')
  expect(await namesFor(call, 'Format')).toEqual(['Format der', 'Format one', 'Format three', 'Format two'])
})

test('stores the uploaded bytes: download, and upload of the same bytes again', async ({
  page,
  gatehouse,
  call,
  folder,
}) => {
  const { certificate } = await makeModernAuthority(folder, 'plant', 'Round Trip CA')
  await call(authorities.create, { body: { certificates: await readFile(certificate, 'utf8') } })
  const fingerprint = await fingerprintOf(certificate)
  await goTo(page, '/authorities?search=Round', 'Authorities')

  const fromMenu = await downloaded(page, join(folder, 'menu.pem'), () =>
    chooseAction(page, 'Round Trip CA', 'Download'),
  )
  expect(await fingerprintOf(fromMenu)).toBe(fingerprint)

  await page.getByRole('link', { name: 'Round Trip CA' }).click()
  const details = page.getByRole('main')
  await expect(details).toContainText(fingerprint)
  await expect(details).toContainText('CN=Round Trip CA')
  await expect(details).toContainText('keyCertSign')
  const downloadAs = async (form: string) => {
    await details.getByRole('button', { name: 'Download' }).click()
    await page.getByRole('menuitem', { name: form }).click()
  }
  const fromDetails = await downloaded(page, join(folder, 'details.pem'), () => downloadAs('PEM'))
  expect(await fingerprintOf(fromDetails)).toBe(fingerprint)
  const der = await downloaded(page, join(folder, 'details.der'), () => downloadAs('DER'))
  await openssl(['x509', '-inform', 'DER', '-in', der, '-out', join(folder, 'again.pem')])
  expect(await fingerprintOf(join(folder, 'again.pem'))).toBe(fingerprint)

  await goTo(page, '/authorities', 'Authorities')
  await page.getByRole('button', { name: 'Download' }).click()
  const item = page.getByRole('menuitem', { name: 'CA of this server' })
  const own = await downloaded(page, join(folder, 'own.pem'), () => item.click())
  expect(await fingerprintOf(own)).toBe(await fingerprintOf(gatehouse.authorityFile))
})

test('keeps notes, and links the authorities of a chain', { tag: '@all' }, async ({ page, call }) => {
  const root = makeQuickly({ subject: 'Chain root' })
  const middle = issueQuickly(root, { subject: 'Chain middle' })
  await call(authorities.create, { body: { certificates: root.certificatePem + middle.certificatePem } })
  await goTo(page, `/authorities/${middle.fingerprint}`, 'Chain middle')
  const details = page.getByRole('main')
  await details.getByLabel('Notes').fill('Belongs to line 3.\nAsk Maria.')
  await details.getByRole('button', { name: 'Save' }).click()
  await expectDone(page, 'CA Chain middle updated.')
  await goTo(page, `/authorities/${root.fingerprint}`, 'Chain root')
  await details.getByRole('list', { name: 'Chain' }).getByRole('link', { name: 'Chain middle' }).click()
  await expect(details).toContainText(middle.fingerprint)
  await expect(details.getByLabel('Notes')).toHaveValue('Belongs to line 3.\nAsk Maria.')
  await details.getByRole('list', { name: 'Chain' }).getByRole('link', { name: 'Chain root' }).click()
  await expect(details).toContainText(root.fingerprint)
})

test('trusts a bundle without its expired certificates, if the user leaves them out', { tag: '@all' }, async ({
  page,
  call,
  folder,
}) => {
  const past = new Date(Date.now() - 86_400_000)
  const good = ['one', 'two', 'three'].map((name) => makeQuickly({ subject: `Public CA ${name}` }))
  const expired = ['four', 'five'].map((name) => makeQuickly({ subject: `Public CA ${name}`, notAfter: past }))
  const file = join(folder, 'public.pem')
  await writeFile(file, [...expired, ...good].map(({ certificatePem }) => certificatePem).join(''))
  const dialog = await give(page, file)
  await expect(dialog.getByRole('alert')).toContainText('2 of these cannot be trusted as CAs')
  await dialog.getByRole('button', { name: 'Leave these 2 out' }).click()
  await expect(dialog.getByText('2 are left out.')).toBeVisible()
  await expectAccessible(page)
  await trust(dialog, 'Trust the other 3')
  await expectDone(page, '3 CAs are now trusted. 2 are left out.')
  expect((await namesFor(call, 'Public CA')).toSorted()).toEqual(['Public CA one', 'Public CA three', 'Public CA two'])
})

test('asks once before it deletes a CA without connections', { tag: '@all' }, async ({ page, call, folder }) => {
  const { certificate } = await makeModernAuthority(folder, 'plant', 'Short-lived CA', 'ECDSA P-256')
  await call(authorities.create, { body: { certificates: await readFile(certificate, 'utf8') } })
  await goTo(page, '/authorities?search=Short', 'Authorities')
  await chooseAction(page, 'Short-lived CA', 'Delete…')
  const confirm = page.getByRole('dialog', { name: 'Delete Short-lived CA?' })
  await expect(confirm).toContainText('No connection ends.')
  await confirm.getByRole('button', { name: 'Cancel' }).click()
  expect(await namesFor(call, 'Short')).toEqual(['Short-lived CA'])
  await chooseAction(page, 'Short-lived CA', 'Delete…')
  await confirm.getByRole('button', { name: 'Delete' }).click()
  await expectDone(page, 'CA Short-lived CA deleted.')
  expect(await namesFor(call, 'Short')).toEqual([])
})

test('inspects a bundle of 600, trusts it in parts, and lists it page by page', { tag: '@all' }, async ({
  page,
  call,
  folder,
}) => {
  const file = join(folder, 'bundle.pem')
  // Hundreds of runs of openssl would take as long as all other tests.
  const made = Array.from({ length: 600 }, (_, at) => makeQuickly({ subject: `Bundle ${String(at).padStart(4, '0')}` }))
  await writeFile(file, made.map(({ certificatePem }) => certificatePem).join(''))
  const dialog = await give(page, file)
  await expect(dialog).toContainText('600 certificates in bundle.pem')
  await expect(dialog.getByRole('button', { name: 'Show 550 more' })).toBeVisible()
  const isCancelled = Promise.withResolvers<void>()
  let sent = 0
  await page.route('**/api/authorities', async (route) => {
    if (route.request().method() === 'POST' && ++sent === 2) await isCancelled.promise
    await route.continue()
  })
  await dialog.getByRole('button', { name: 'Trust 600 CAs' }).click()
  await dialog.getByText('200 of 600 are trusted.', { exact: true }).waitFor()
  // Cancelling keeps what was sent until then.
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  isCancelled.resolve()
  await expect(page.getByText('400 CAs are now trusted. The other 200 were not sent.')).toBeVisible()
  expect((await call(authorities.list, { search: { search: 'Bundle' } })).total).toBe(400)
  await give(page, file)
  await trust(dialog, 'Trust 200 CAs')
  await expectDone(page, '200 CAs are now trusted. 400 were already trusted.')

  await goTo(page, '/authorities?search=Bundle', 'Authorities')
  await expect(page.getByText('600 CAs', { exact: true })).toBeVisible()
  const firstOf = (name: string) => expect(page.getByRole('row').nth(1)).toContainText(name)
  await firstOf('Bundle 0000')
  await page.getByRole('link', { name: 'Next' }).click()
  await firstOf('Bundle 0050')
  await page.reload()
  await firstOf('Bundle 0050')
  await page.getByRole('link', { name: 'Expires' }).click()
  await expect(page).toHaveURL(/sort=notAfter/)
  await page.goBack()
  await firstOf('Bundle 0050')
  await page.getByRole('link', { name: 'Previous' }).click()
  await firstOf('Bundle 0000')
  expect((await call(authorities.list, { search: { search: 'Bundle' } })).total).toBe(600)
})

/** Drops files on the page, and returns the dialog that describes them. */
async function give(page: Page, ...files: string[]): Promise<Locator> {
  await dropFiles(page, files)
  return page.getByRole('dialog', { name: 'Upload CA' })
}

async function namesFor(call: Call, search: string): Promise<string[]> {
  const { items } = await call(authorities.list, { search: { search, sort: 'name' } })
  return items.map(({ name }) => name)
}

async function trust(dialog: Locator, button: string): Promise<void> {
  await dialog.getByRole('button', { name: button, exact: true }).click()
  await expect(dialog).toBeHidden()
}

async function downloaded(page: Page, path: string, act: () => Promise<void>): Promise<string> {
  const download = page.waitForEvent('download')
  await act()
  await (await download).saveAs(path)
  return path
}
