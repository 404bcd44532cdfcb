/** Listeners: one that trusts a single CA is added, admits and refuses real clients, and is deleted. */
import { readFile } from 'node:fs/promises'
import { broker } from '@gatehouse/contract/brokers/broker'
import { listeners } from '@gatehouse/contract/brokers/listeners'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { chooseAction, expectDone, expectRefusedInTls, goTo, openPage } from '../support/actions.ts'
import { enter, makeMachine, makePerson, path, topic } from '../support/api.ts'
import { expect, test } from '../support/fixtures.ts'
import { subscribe } from '../support/mosquitto.ts'
import { makeAuthority, makeDevice } from '../support/openssl.ts'

test('a listener that trusts one CA admits its devices only; its deletion ends its connections and no others', async ({
  page,
  gatehouse,
  call,
  folder,
}) => {
  const north = await makeAuthority(folder, 'north', { commonName: 'North CA' })
  const south = await makeAuthority(folder, 'south', { commonName: 'South CA' })
  for (const { certificate } of [north, south]) {
    await call(authorities.create, { body: { certificates: await readFile(certificate, 'utf8') } })
  }
  for (const name of ['press-north', 'press-south']) await makeMachine(call, name, [topic('line-3/#', 'read')])
  const ofNorth = await makeDevice(folder, 'press-north', { commonName: 'press-north' }, north)
  const ofSouth = await makeDevice(folder, 'press-south', { commonName: 'press-south' }, south)
  const caFile = gatehouse.authorityFile

  await enter(page)
  await openPage(page, '/broker/listeners', 'Listeners')
  const rows = page.getByRole('table', { name: 'Listeners' }).getByRole('row')
  await expect(rows).toHaveCount(3)
  await page.getByRole('button', { name: 'Add listener' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add listener' })
  await dialog.getByLabel('Name').fill('mqtts')
  await dialog.getByLabel('Port').fill(new URL(gatehouse.url).port)
  // Said before anything is saved.
  await expect(dialog).toContainText('This name is already taken.')
  await expect(dialog).toContainText('The console has this port.')
  await dialog.getByLabel('Name').fill('Hall north')
  await dialog.getByRole('textbox', { name: 'Address' }).fill('127.0.0.1')
  await dialog.getByLabel('Port').fill('0')
  await dialog.getByText('Only chosen ones').click()
  await expect(dialog).toContainText('None of the chosen CAs is trusted.')
  await dialog.getByRole('combobox', { name: 'Chosen CAs' }).click()
  await page.getByRole('option', { name: 'North CA' }).click()
  await page.keyboard.press('Tab')
  await expect(dialog).not.toContainText('None of the chosen CAs is trusted.')
  await dialog.getByRole('button', { name: 'Create' }).click()
  await expect(page.getByText('Listener Hall north is open on')).toBeVisible()

  const created = (await call(listeners.list, { search: {} })).items.find(({ name }) => name === 'Hall north')
  const url = `mqtts://127.0.0.1:${created?.status.boundPort}`
  const inside = subscribe({ url, caFile, certificate: ofNorth }, ['line-3/#'])
  const elsewhere = subscribe({ url: gatehouse.mqttsUrl, caFile, certificate: ofSouth }, ['line-3/#'])
  expect([await inside.suback(), await elsewhere.suback()]).toEqual([[0], [0]])
  await expectRefusedInTls({ url, caFile, certificate: ofSouth })
  const row = rows.filter({ hasText: 'Hall north' })
  await expect(row).toContainText('North CA')
  await expect(row.getByRole('cell').filter({ hasText: /^1$/ })).toBeVisible()
  await goTo(page, '/broker/decisions', 'Decisions')
  const refused = page.getByRole('listitem').filter({ hasText: 'No trusted CA signed this certificate.' })
  await expect(refused.first()).toContainText('Hall north')

  await goTo(page, '/certificates/check', 'Check a certificate')
  await page.getByLabel('Certificate to check').fill(await readFile(ofSouth.certificate, 'utf8'))
  const answers = page.getByRole('list', { name: 'Listeners' }).getByRole('listitem')
  await expect(answers.filter({ hasText: 'mqtts' })).toContainText('admitted')
  await expect(answers.filter({ hasText: 'Hall north' })).toContainText('trusts no CA that signed this certificate.')
  await page.getByRole('button', { name: 'Show checks of Hall north' }).click()
  await expect(page.getByText('Refused in the TLS handshake, before MQTT')).toBeVisible()

  await goTo(page, '/broker/listeners', 'Listeners')
  await chooseAction(page, 'Hall north', 'Delete…')
  const confirm = page.getByRole('dialog', { name: 'Delete the listener Hall north?' })
  await expect(confirm).toContainText('1 live connection ends')
  await confirm.getByRole('textbox').fill('Hall north')
  await confirm.getByRole('button', { name: 'Delete' }).click()
  await expectDone(page, 'Listener Hall north deleted. 1 connection ended.')
  expect((await call(broker.connections, {})).items.map(({ username }) => username)).toEqual(['press-south'])
  await inside.stop()
  await expect(rows).toHaveCount(3)
  await expect(rows.filter({ hasText: 'mqtts' }).getByRole('cell').filter({ hasText: /^1$/ })).toBeVisible()
  await elsewhere.stop()
})

test('an operator who may only read opens a listener, and cannot change, add or delete one', { tag: '@all' }, async ({
  page,
  call,
}) => {
  const watcher = { username: 'listener-watcher', password: 'only for this story' }
  await makePerson(call, watcher, [path('/api/listeners/#', 'read')])
  await enter(page, watcher)
  await openPage(page, '/broker/listeners', 'Listeners')
  await expect(page.getByRole('button', { name: 'Add listener' })).toHaveAttribute('aria-disabled', 'true')
  await page.getByRole('link', { name: 'mqtts' }).click()
  const dialog = page.getByRole('dialog', { name: 'Listener', exact: true })
  await expect(dialog).toContainText('Only administrators can change this.')
  await expect(dialog.getByLabel('Name')).toHaveAttribute('readonly')
  await expect(dialog.getByRole('button', { name: 'Save' })).toHaveCount(0)
})
