/** Certificates as other tools make them: other keys, an old version, an authority below another one. */
import { readFile } from 'node:fs/promises'
import type { Locator, Page } from '@playwright/test'
import { expectDone, expectRefusedInTls, openPage } from '../support/actions.ts'
import { enter, makeMachine, topic } from '../support/api.ts'
import { dropFiles } from '../support/drop.ts'
import { expect, test } from '../support/fixtures.ts'
import { followMender, mendersDevice } from '../support/mender-tutorial.ts'
import { type Login, subscribe } from '../support/mosquitto.ts'
import { type KeyKind, type KeyPair, makeAuthority, makeDevice, makeIntermediate, openssl } from '../support/openssl.ts'
import type { Gatehouse } from '../support/server.ts'

test.beforeEach(async ({ page }) => {
  await enter(page)
  await openPage(page, '/authorities', 'Authorities')
})

const kinds: { kind: KeyKind; shown: string; username: string; tls: '1.2' | '1.3' }[] = [
  { kind: 'ECDSA P-256', shown: 'P-256', username: 'device-ecdsa', tls: '1.2' },
  { kind: 'Ed25519', shown: 'Ed25519', username: 'device-ed25519', tls: '1.3' },
]

for (const { kind, shown, username, tls } of kinds) {
  test(`${kind}: refused, then trusted, then connected`, { tag: '@all' }, async ({ page, gatehouse, call, folder }) => {
    const authority = await makeAuthority(folder, 'ca', { commonName: `Plant CA ${kind}` }, kind)
    const certificate = await makeDevice(folder, 'device', { commonName: username }, authority, kind)
    const device = { ...loginOf(gatehouse, certificate), tls }
    await makeMachine(call, username, [topic('line-3/#', 'read')])
    await expectRefusedInTls(device)

    await dropFiles(page, [authority.certificate])
    const dialog = page.getByRole('dialog', { name: 'Upload CA' })
    await expect(dialog).toContainText(shown)
    await trust(page, dialog, `Plant CA ${kind} is now trusted.`)
    await expectAdmitted(device)
  })
}

test('the commands of the Mender tutorial: a CA and a device of X.509 version 1', async ({
  page,
  gatehouse,
  call,
  folder,
}) => {
  const { authority, device } = await followMender(folder)
  await makeMachine(call, mendersDevice, [topic('line-3/#', 'read')])
  await expectRefusedInTls(loginOf(gatehouse, device))

  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Upload CA' }).click()
  const dialog = page.getByRole('dialog', { name: 'Upload CA' })
  await dialog.getByRole('button', { name: 'Choose files' }).click()
  await (await chooser).setFiles(authority)
  await expect(dialog).toContainText('1 certificate in ca-cert.pem')
  await expect(dialog).toContainText('My Organization')
  // Since OpenSSL 3.2 the same command writes version 3.
  if (await isVersion1(authority)) await expect(dialog.getByText('X.509 v1', { exact: true })).toBeVisible()
  await trust(page, dialog, 'My CA is now trusted.')
  await expectAdmitted(loginOf(gatehouse, device))
})

test('an intermediate as authority: accepts its own certificates and not those of its root', { tag: '@all' }, async ({
  page,
  gatehouse,
  call,
  folder,
}) => {
  const root = await makeAuthority(folder, 'root', { commonName: 'Company Root' })
  const line = await makeIntermediate(folder, 'line', { commonName: 'Line 3 Issuing CA' }, root, 'ECDSA P-256')
  const below = await makeDevice(folder, 'below', { commonName: 'device-below' }, line, 'ECDSA P-256')
  const beside = await makeDevice(folder, 'beside', { commonName: 'device-beside' }, root, 'ECDSA P-256')
  for (const username of ['device-below', 'device-beside']) {
    await makeMachine(call, username, [topic('line-3/#', 'read')])
  }

  await page.getByRole('button', { name: 'Upload CA' }).click()
  const dialog = page.getByRole('dialog', { name: 'Upload CA' })
  await dialog.getByLabel('Or paste text').fill(await readFile(line.certificate, 'utf8'))
  await expect(dialog).toContainText('1 certificate in the pasted text')
  await expect(dialog).toContainText('Only this CA is trusted, not its issuer.')
  await trust(page, dialog, 'Line 3 Issuing CA is now trusted.')

  await expectAdmitted(loginOf(gatehouse, below))
  await expectRefusedInTls(loginOf(gatehouse, beside))
})

function loginOf(gatehouse: Gatehouse, certificate: KeyPair): Login {
  return { url: gatehouse.mqttsUrl, caFile: gatehouse.authorityFile, certificate }
}

async function trust(page: Page, dialog: Locator, done: string): Promise<void> {
  await dialog.getByRole('button', { name: 'Trust 1 CA' }).click()
  await expectDone(page, done)
}

async function expectAdmitted(login: Login): Promise<void> {
  const client = subscribe(login, ['line-3/#', 'line-4/#'])
  expect(await client.connack()).toBe(0)
  expect(await client.suback()).toEqual([0, 128])
  await client.stop()
}

async function isVersion1(certificate: string): Promise<boolean> {
  return (await openssl(['x509', '-in', certificate, '-noout', '-text'])).includes('Version: 1 ')
}
