/** The main story: an administrator turns certificate sign-in on in the browser, and a real MQTT client connects. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { broker } from '@gatehouse/contract/brokers/broker'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { users } from '@gatehouse/contract/identity/users'
import type { Locator, Page } from '@playwright/test'
import { admin, chooseAction, expectDone, expectRefusedInTls, goTo, openAdvanced, signIn } from '../support/actions.ts'
import { makePerson, topic } from '../support/api.ts'
import { dropFiles } from '../support/drop.ts'
import { expect, test } from '../support/fixtures.ts'
import { isAll } from '../support/long-run.ts'
import { publish, subscribe } from '../support/mosquitto.ts'
import { fingerprintOf, makeAuthority, makeDevice } from '../support/openssl.ts'
import { handshake } from '../support/s-client.ts'

const authorityName = 'Line 3 Device CA'
const publisher = { username: 'line-3-press', password: 'only for this story' }

test('from a refused certificate to a connected machine, and back', async ({ page, gatehouse, call, folder }) => {
  const authority = await makeAuthority(folder, 'ca', { commonName: authorityName, organizationName: 'Smart Factory' })
  const certificate = await makeDevice(folder, 'device', { commonName: 'device001' }, authority)
  const device = { url: gatehouse.mqttsUrl, caFile: gatehouse.authorityFile, certificate }
  const connect = () => subscribe(device, ['line-3/#', 'line-4/#'])
  const sessions = { '1.2': join(folder, 'session-1.2.pem'), '1.3': join(folder, 'session-1.3.pem') }

  await test.step('unknown authority: the broker refuses the certificate in TLS', () => expectRefusedInTls(device))

  await test.step('the administrator drops the CA on the page, inspects it, and trusts it', async () => {
    await signIn(page)
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Authorities' }).click()
    await expect(page.getByRole('heading', { name: 'Authorities' })).toBeVisible()
    await dropFiles(page, [authority.certificate])
    const dialog = page.getByRole('dialog', { name: 'Upload CA' })
    await expect(dialog).toContainText('1 certificate in ca-cert.pem')
    await expect(dialog).toContainText(`CN=${authorityName}`)
    await expect(dialog).toContainText('RSA 2048')
    await expect(dialog).toContainText(await fingerprintOf(authority.certificate))
    expect((await call(authorities.list, {})).items.map(({ name }) => name)).not.toContain(authorityName)
    await expectRefusedInTls(device)
    await dialog.getByRole('button', { name: 'Trust 1 CA' }).click()
    await expectDone(page, `${authorityName} is now trusted.`)
    await expect(page.getByRole('row', { name: authorityName })).toBeVisible()
  })

  await test.step('trusted certificate, unknown user: CONNACK 5', () => expectNotAuthorised(connect()))

  await test.step('create a role and a user', async () => {
    await addRole(page, 'line-3-reader', 'line-3/#')
    await addUser(page, 'device001', 'line-3-reader')
    await expectNotAuthorised(connect())
  })

  await test.step('Edit user, Advanced mode, Certificate, Update: the client connects', async () => {
    await setCertificate(await openAdvanced(page, 'device001'), true)
    await makePerson(call, publisher, [topic('line-3/#', 'write')])
    const machine = connect()
    expect(await machine.connack()).toBe(0)
    expect(await machine.suback()).toEqual([0, 128])
    expect(await publish({ url: gatehouse.mqttUrl, ...publisher }, 'line-3/temperature', '21.5')).toMatchObject({
      code: 0,
    })
    expect(await machine.message('line-3/temperature')).toMatchObject({ payload: '21.5' })
    await expectConnected(page, 'device001', authorityName)
    await machine.stop()
  })

  await test.step('the broker shows the reason of each refusal', async () => {
    await goTo(page, '/broker/decisions', 'Decisions')
    const decisions = page.getByRole('list', { name: 'Decisions' })
    for (const sentence of [
      'No trusted CA signed this certificate.',
      'Unknown user.',
      'The certificate is valid, but this user may not sign in with a certificate.',
      `connected with a certificate issued by ${authorityName}`,
      'The user may not subscribe to this topic.',
    ]) {
      await expect(decisions.getByRole('listitem').filter({ hasText: sentence }).first()).toBeVisible()
    }
    await expect(decisions.getByRole('listitem').filter({ hasText: 'line-4/#' })).toHaveCount(1)
  })

  if (isAll)
    await test.step('everything is still there after a restart', async () => {
      await page.goto('about:blank')
      await gatehouse.restart()
      const machine = connect()
      expect(await machine.suback()).toEqual([0, 128])
      await machine.stop()
      await page.goto('/')
    })

  await test.step('the audit names who changed what', async () => {
    await goTo(page, '/audit', 'Audit')
    const audit = page.getByRole('table', { name: 'Audit' })
    for (const [action, target] of [
      ['CA trusted', authorityName],
      ['Role created', 'line-3-reader'],
      ['User created', 'device001'],
      ['User changed', 'device001'],
    ] as const) {
      const event = audit.getByRole('row').filter({ hasText: action }).filter({ hasText: target })
      await expect(event).toContainText(admin.username)
    }
  })

  await test.step('Certificate off: disconnected and refused afterwards', async () => {
    const machine = connect()
    expect(await machine.suback()).toEqual([0, 128])
    const dialog = await openAdvanced(page, 'device001')
    await expect(dialog).toContainText('Connected now.')
    await setCertificate(dialog, false, 'Connected now. Turning Certificate off ends 1 connection.')
    await expectDone(page, 'User device001 updated. 1 connection ended.')
    await machine.ended()
    await machine.stop()
    await expectNotAuthorised(connect())
  })

  await test.step('TLS sessions are never resumed, not even for an admitted client', async () => {
    const [user] = (await call(users.list, { search: { 'username[eq]': 'device001' } })).items
    await call(users.update, { params: { id: user?.id ?? '' }, body: { grantTypes: [{ method: 'certificate' }] } })
    for (const tls of ['1.2', '1.3'] as const) {
      const first = await handshake({ ...device, tls, sessionOut: sessions[tls] })
      expect(first).toEqual({ protocol: `TLSv${tls}`, isResumed: false, connack: 0 })
      if (!existsSync(sessions[tls])) continue // the server gave no session that could be resumed
      const second = await handshake({ ...device, tls, sessionIn: sessions[tls] })
      expect(second).toEqual(first)
    }
  })

  await test.step('delete the CA: disconnected and refused before MQTT', async () => {
    const machine = connect()
    expect(await machine.suback()).toEqual([0, 128])
    await goTo(page, '/authorities', 'Authorities')
    await chooseAction(page, authorityName, 'Delete…')
    const confirm = page.getByRole('dialog', { name: `Delete ${authorityName}?` })
    await expect(confirm).toContainText('1 live connection ends')
    await expect(confirm).toContainText('device001')
    await expect(confirm.getByRole('button', { name: 'Delete' })).toBeDisabled()
    await confirm.getByLabel(`Type ${authorityName} to confirm`).fill(authorityName)
    await confirm.getByRole('button', { name: 'Delete' }).click()
    await expectDone(page, `CA ${authorityName} deleted. 1 connection ended.`)
    await machine.ended()
    await expect(page.getByRole('row', { name: authorityName })).toHaveCount(0)
    await machine.stop()
    for (const tls of ['1.2', '1.3'] as const) {
      await expectRefusedInTls({ ...device, tls })
      const sessionIn = existsSync(sessions[tls]) ? { sessionIn: sessions[tls] } : {}
      const refused = await handshake({ ...device, tls, ...sessionIn })
      expect(refused).toEqual({ protocol: `TLSv${tls}`, isResumed: false, connack: undefined })
    }
  })

  await test.step('the decisions show all these reasons', async () => {
    await goTo(page, '/broker/decisions', 'Decisions')
    const decisions = page.getByRole('list', { name: 'Decisions' })
    const withdrawn = decisions.getByRole('listitem').filter({ hasText: 'Access was removed.' })
    await expect(withdrawn).toHaveCount(2)
    await expect(withdrawn.first()).toContainText('Closed')
    await expect(decisions.getByRole('listitem').first()).toContainText('No trusted CA signed this')
    expect((await call(broker.connections, {})).items).toEqual([])
  })
})

async function addRole(page: Page, name: string, filter: string): Promise<void> {
  await goTo(page, '/roles', 'Roles')
  await page.getByRole('button', { name: 'Add role' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add role' })
  await dialog.getByLabel('Name').fill(name)
  await dialog.getByRole('button', { name: 'Add topic' }).click()
  await dialog.getByLabel('Topic filter 1').fill(filter)
  await expect(dialog.getByLabel('Operation on topic 1')).toHaveValue('read')
  await dialog.getByRole('button', { name: 'Create' }).click()
  await expectDone(page, `Role ${name} created.`)
}

async function addUser(page: Page, username: string, role: string): Promise<void> {
  await goTo(page, '/users', 'Users')
  await page.getByRole('button', { name: 'Add user' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add user' })
  await dialog.getByLabel('Username').fill(username)
  await dialog.getByRole('combobox', { name: 'Roles' }).click()
  await page.getByRole('option', { name: role }).click()
  // The open list can cover the button.
  await page.keyboard.press('Escape')
  await dialog.getByRole('button', { name: 'Create' }).click()
  await expectDone(page, `User ${username} created.`)
}

/** The dialog is closed when it returns. `warning`: the text of the dialog before. */
async function setCertificate(dialog: Locator, isOn: boolean, warning?: string): Promise<void> {
  const certificate = dialog.getByRole('switch', { name: 'Certificate' })
  await expect(certificate).toBeChecked({ checked: !isOn })
  await certificate.setChecked(isOn)
  if (warning) await expect(dialog).toContainText(warning)
  if (isOn) await expect(dialog).toContainText('The Common Name must be exactly CN=device001')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog).toBeHidden()
}

async function expectConnected(page: Page, username: string, vouchedForBy: string): Promise<void> {
  await goTo(page, '/broker/connections', 'Connections')
  const row = page.getByRole('table', { name: 'Connections' }).getByRole('row').filter({ hasText: username })
  await expect(row).toContainText(`Certificate · ${vouchedForBy}`)
}

async function expectNotAuthorised(client: ReturnType<typeof subscribe>): Promise<void> {
  expect(await client.connack()).toBe(5)
  await client.exit()
}
