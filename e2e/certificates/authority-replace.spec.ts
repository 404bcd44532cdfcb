/**
 * Replaces the built-in authority by a company's CA, while some clients know only the old file and others the new one.
 */
import { copyFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { builtInAuthority } from '@gatehouse/contract/certificates/built-in-authority'
import type { Page } from '@playwright/test'
import { expectAccessible } from '../support/accessibility.ts'
import { chooseAction, expectDone, openPage } from '../support/actions.ts'
import { enter, makeMachine, makePerson } from '../support/api.ts'
import { dropFiles } from '../support/drop.ts'
import { expect, test } from '../support/fixtures.ts'
import { subscribe } from '../support/mosquitto.ts'
import { bundle, makeDevice, makeModernAuthority, openssl } from '../support/openssl.ts'

const reader = { username: 'reader', password: 'only for this story' }

test("replaces the first authority by the company's", async ({ page, gatehouse, call, folder }) => {
  await makePerson(call, reader)
  await makeMachine(call, 'press-1')
  const oldFile = join(folder, 'old.crt')
  await copyFile(gatehouse.authorityFile, oldFile)
  const company = await makeModernAuthority(folder, 'company', 'Company CA', 'ECDSA P-256')
  const key = join(folder, 'encrypted.key')
  await openssl(['pkcs8', '-topk8', '-in', company.key, '-passout', 'pass:open sesame', '-out', key])
  const returnCode = async (caFile: string) => {
    const client = subscribe({ url: gatehouse.mqttsUrl, caFile, ...reader }, ['a'])
    const outcome = await Promise.race([client.connack(), client.failed()])
    await client.stop()
    return outcome
  }
  await enter(page)

  await test.step('refuses a wrong password of the key, and changes nothing', async () => {
    await openPage(page, '/authorities', 'Authorities')
    await chooseAction(page, 'Gatehouse', 'Replace…')
    await page.getByRole('button', { name: 'Use your own CA…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Use your own CA' })
    await expect(dialog.getByLabel('Private key')).toBeEmpty()
    await dropFiles(page, [await bundle(join(folder, 'both.pem'), [company.certificate, key])])
    await expect(dialog.getByLabel('Private key')).toHaveValue(/BEGIN ENCRYPTED PRIVATE KEY/)
    await expect(dialog).toContainText('CN=Company CA')
    await expect(dialog).toContainText('Clients that have only Gatehouse trust this server')
    await expectAccessible(page)
    const before = await readFile(gatehouse.authorityFile, 'utf8')
    await dialog.getByLabel('Key password').fill('wrong')
    await dialog.getByRole('button', { name: 'Replace' }).click()
    await expect(dialog.getByText('Wrong password.')).toBeVisible()
    expect(await readFile(gatehouse.authorityFile, 'utf8')).toBe(before)
    expect((await call(builtInAuthority.view, {})).authority.commonName).toBe('Gatehouse')
  })

  await test.step('accepts old and new clients afterwards', async () => {
    const dialog = page.getByRole('dialog', { name: 'Use your own CA' })
    await dialog.getByLabel('Key password').fill('open sesame')
    await dialog.getByRole('button', { name: 'Replace' }).click()
    await expectDone(page, 'Company CA is now the built-in CA.')
    await expect(page.getByText('Gatehouse is still trusted')).toBeVisible()
    expect(await returnCode(oldFile)).toBe(0)
    expect(await returnCode(company.certificate)).toBe(0)
    expect(await returnCode(await downloaded(page, join(folder, 'both.crt'), 'Both as one CA file'))).toBe(0)
    expect(await readFile(gatehouse.authorityFile, 'utf8')).toBe(await readFile(company.certificate, 'utf8'))
    await expectAccessible(page)
  })

  await test.step('admits client certificates that the company signed', async () => {
    const certificate = await makeDevice(folder, 'press', { commonName: 'press-1' }, company)
    const press = subscribe({ url: gatehouse.mqttsUrl, caFile: company.certificate, certificate }, ['a'])
    expect(await press.connack()).toBe(0)
    await press.stop()
  })

  await test.step('accepts only the new file after the old authority is deleted', async () => {
    await page.getByRole('link', { name: 'delete it' }).click()
    await expect(page.getByRole('main')).toContainText('CN=Gatehouse')
    await chooseAction(page, 'Gatehouse', 'Delete…')
    await page.getByRole('dialog', { name: 'Delete Gatehouse?' }).getByRole('button', { name: 'Delete' }).click()
    await expectDone(page, 'CA Gatehouse deleted.')
    expect(await returnCode(oldFile)).toMatch(/certificate verify failed|TLS/)
    expect(await returnCode(company.certificate)).toBe(0)
    expect((await call(authorities.list, {})).items.map(({ name }) => name)).toEqual(['Company CA'])
  })
})

test('explains the consequences before it makes a new authority', async ({ page, call }) => {
  const { authority } = await call(builtInAuthority.view, {})
  await enter(page)
  await openPage(page, '/authorities/built-in', 'Built-in CA')
  await page.getByRole('button', { name: 'Generate a new one…' }).click()
  const confirm = page.getByRole('dialog', { name: 'Generate a new built-in CA?' })
  await expect(confirm).toContainText('stays trusted for clients until you delete it')
  await confirm.getByRole('button', { name: 'Cancel' }).click()
  expect((await call(builtInAuthority.view, {})).authority.fingerprint).toBe(authority.fingerprint)
  await page.getByRole('button', { name: 'Generate a new one…' }).click()
  await confirm.getByRole('button', { name: 'Generate' }).click()
  await expectDone(page, 'is now the built-in CA.')
  await expect(page.getByText(`${authority.name} is still trusted`)).toBeVisible()
})

async function downloaded(page: Page, path: string, button: string): Promise<string> {
  const download = page.waitForEvent('download')
  await page.getByRole('link', { name: button }).click()
  await (await download).saveAs(path)
  return path
}
