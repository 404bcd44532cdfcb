/**
 * Shuts out one lost machine and no other: in the browser, by the CRL of its authority, and not without the permission.
 */

import { readFile } from 'node:fs/promises'
import { broker } from '@gatehouse/contract/brokers/broker'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { revocations } from '@gatehouse/contract/certificates/revocations'
import type { Call } from '@gatehouse/contract/client'
import type { Page } from '@playwright/test'
import { chooseAction, expectDone, expectRefusal, expectRefusedInTls, goTo, openPage } from '../support/actions.ts'
import { browserCall, enter, makeMachine, makePerson, path, topic } from '../support/api.ts'
import { dropFiles } from '../support/drop.ts'
import { expect, test } from '../support/fixtures.ts'
import { subscribe } from '../support/mosquitto.ts'
import { type KeyPair, makeDevice, makeModernAuthority, makeRevocationList } from '../support/openssl.ts'

/** A trusted authority, and machines with its certificates. */
async function plant(folder: string, call: Call, name: string) {
  const authority = await makeModernAuthority(folder, name, `${name} CA`, 'ECDSA P-256')
  await call(authorities.create, { body: { certificates: await readFile(authority.certificate, 'utf8') } })
  const machines: KeyPair[] = []
  for (const username of [`${name}-1`, `${name}-2`]) {
    await makeMachine(call, username, [topic(`${name}/#`, 'read')])
    machines.push(await makeDevice(folder, username, { commonName: username }, authority, 'ECDSA P-256'))
  }
  return { authority, first: machines[0] as KeyPair, second: machines[1] as KeyPair }
}

test('revokes a connected machine, which is disconnected; after undoing it connects again', async ({
  page,
  gatehouse,
  call,
  folder,
}) => {
  const { first, second } = await plant(folder, call, 'mixer')
  const login = { url: gatehouse.mqttsUrl, caFile: gatehouse.authorityFile }
  const lost = subscribe({ ...login, certificate: first, clientId: 'mixer-1' }, ['mixer/#'])
  const other = subscribe({ ...login, certificate: second, clientId: 'mixer-2' }, ['mixer/#'])
  await Promise.all([lost.suback(), other.suback()])
  await enter(page)
  await openPage(page, '/broker/connections', 'Connections')
  await chooseAction(page, 'mixer-1, mixer-1', 'Revoke certificate…')
  const dialog = page.getByRole('dialog', { name: 'Revoke certificate' })
  await expect(dialog).toContainText('CN=mixer-1')
  await expect(dialog).toContainText('1 live connection ends: mixer-1.')
  await dialog.getByRole('combobox', { name: 'Reason' }).click()
  await page.getByRole('option', { name: 'Its key may be compromised' }).click()
  await dialog.getByLabel('Note').fill('Stolen from the van')
  await dialog.getByRole('button', { name: 'Revoke' }).click()
  await expectDone(page, 'The certificate of mixer-1 is revoked. 1 connection ended.')
  await lost.exit()
  await expectRefusedInTls({ ...login, certificate: first })
  expect((await call(broker.connections, { search: { search: 'mixer-2' } })).total).toBe(1)

  await goTo(page, '/broker/decisions?search=mixer-1&outcome=refused', 'Decisions')
  const refusal = page.getByRole('list', { name: 'Decisions' }).getByRole('listitem').first()
  await expect(refusal).toContainText('was revoked')
  await refusal.getByRole('link', { name: 'The revocation' }).click()
  await expect(page.getByRole('table', { name: 'Revocations' }).getByRole('row')).toHaveCount(2)
  const row = page.getByRole('table', { name: 'Revocations' }).getByRole('row').filter({ hasText: 'mixer-1' })
  await expect(row).toContainText('Stolen from the van')
  await expect(row).toContainText('by admin')
  await chooseAction(page, 'mixer-1', 'Undo revocation…')
  await page.getByRole('dialog').getByRole('button', { name: 'Undo revocation' }).click()
  await expectDone(page, 'The certificate of mixer-1 is trusted again.')
  const back = subscribe({ ...login, certificate: first }, ['mixer/#'])
  expect(await back.connack()).toBe(0)
  await Promise.all([back.stop(), other.stop()])
})

test('revokes a pasted certificate, and one named by its number', async ({ page, call, folder }) => {
  const { first } = await plant(folder, call, 'oven-of-line-3')
  await enter(page)
  await openPage(page, '/revocations', 'Revocations')
  const dialog = page.getByRole('dialog', { name: 'Revoke certificate' })
  await page.getByRole('button', { name: 'Revoke certificate' }).click()
  await dialog.waitFor()
  await dropFiles(page, [first.certificate])
  await expect(dialog).toContainText('CN=oven-of-line-3-1')
  await expect(dialog).toContainText('No client is connected with it now.')
  await dialog.getByRole('button', { name: 'Revoke' }).click()
  await expectDone(page, 'The certificate of oven-of-line-3-1 is revoked.')
  const undo = page.getByRole('button', { name: 'Undo' })
  expect(await undo.evaluate(hiddenWidth)).toBeLessThanOrEqual(0)
  await undo.click()
  await expectDone(page, 'The certificate of oven-of-line-3-1 is trusted again.')

  await page.getByRole('button', { name: 'Revoke certificate' }).click()
  await dialog.getByText('By serial number').click()
  await dialog.getByRole('combobox', { name: 'CA' }).click()
  await page.getByRole('option', { name: 'oven-of-line-3 CA' }).click()
  await dialog.getByRole('textbox', { name: 'Serial number' }).fill('C0:FF:EE')
  await dialog.getByRole('button', { name: 'Revoke' }).click()
  await expect(page.getByRole('table', { name: 'Revocations' })).toContainText('C0:FF:EE')
  const { items } = await call(revocations.list, { search: { search: 'c0ffee' } })
  expect(items).toMatchObject([{ serialNumber: 'c0ffee', issuer: 'CN=oven-of-line-3 CA' }])
})

test('installs a CRL of openssl ca: revoked machines are disconnected, and an older CRL is refused', async ({
  page,
  gatehouse,
  call,
  folder,
}) => {
  const { authority, first } = await plant(folder, call, 'press')
  const [older, newer] = [
    await makeRevocationList(folder, 'older', authority, { revoked: [], number: '01' }),
    await makeRevocationList(folder, 'newer', authority, { revoked: [first], number: '02' }),
  ]
  const login = { url: gatehouse.mqttsUrl, caFile: gatehouse.authorityFile, certificate: first }
  const client = subscribe(login, ['press/#'])
  await client.suback()
  await enter(page)
  await openDetails(page, 'press CA')
  await dropFiles(page, [newer])
  const confirm = page.getByRole('dialog', { name: 'Install the CRL of press CA?' })
  await expect(confirm).toContainText('It revokes 1 certificate. 1 live connection ends: press-1.')
  await confirm.getByRole('button', { name: 'Install' }).click()
  await client.exit()
  await expectDone(page, 'The CRL of press CA revokes 1 certificate. 1 connection ended.')
  await expect(page.getByRole('region', { name: 'CRL' })).toContainText('1 certificate')
  await expectRefusedInTls(login)
  await dropFiles(page, [older])
  await expectDone(page, 'A newer CRL of this CA is already installed.')
  await goTo(page, '/revocations', 'Revocations')
  const lists = page.getByRole('table', { name: 'CRLs' })
  await expect(lists.getByRole('row').filter({ hasText: 'press CA' })).toContainText('2')
})

async function openDetails(page: Page, name: string): Promise<void> {
  await openPage(page, '/authorities', 'Authorities')
  await page.getByRole('link', { name }).click()
  await expect(page.getByRole('region', { name: 'CRL' })).toContainText('No CRL uploaded.')
}

test('refuses an operator who does not cover the machine, in the browser and by the API; the machine stays connected', {
  tag: '@all',
}, async ({ page, gatehouse, call, folder, context }) => {
  const { first } = await plant(folder, call, 'lathe')
  const login = { url: gatehouse.mqttsUrl, caFile: gatehouse.authorityFile, certificate: first, clientId: 'lathe-1' }
  const client = subscribe(login, ['lathe/#'])
  await client.suback()
  const operator = { username: 'other-line', password: 'only for this story' }
  await makePerson(call, operator, [path('/api/broker/#', 'read'), path('/api/revocations/#', 'readWrite')])
  await context.clearCookies()
  await enter(page, operator)
  await openPage(page, '/broker/connections', 'Connections')
  await chooseAction(page, 'lathe-1, lathe-1', 'Revoke certificate…')
  const dialog = page.getByRole('dialog', { name: 'Revoke certificate' })
  // This line comes with an answer of the server and moves the button.
  await expect(dialog).toContainText('1 live connection ends')
  await dialog.getByRole('button', { name: 'Revoke' }).click()
  await expect(dialog.getByRole('alert')).toContainText('This exceeds your own permissions.')
  const certificate = await readFile(first.certificate, 'utf8')
  await expectRefusal(browserCall(page)(revocations.create, { body: { certificate } }), 'above_caller')
  expect((await call(revocations.list, { search: { search: 'lathe' } })).total).toBe(0)
  expect((await call(broker.connections, { search: { search: 'lathe-1' } })).total).toBe(1)
  await client.stop()
})

/** How far the text extends beyond its element, in pixels. */
function hiddenWidth(element: Element): number {
  const written = document.createRange()
  written.selectNodeContents(element)
  return written.getBoundingClientRect().right - element.getBoundingClientRect().right
}
