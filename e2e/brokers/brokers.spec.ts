/** A broker that has not connected yet: what the console says of it on each page where it matters. */
import { readFile } from 'node:fs/promises'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { chooseAction, expectDone, goTo, openPage } from '../support/actions.ts'
import { enter, makeMachine } from '../support/api.ts'
import { expect, test } from '../support/fixtures.ts'
import { makeAuthority } from '../support/openssl.ts'

test('a broker that is away is named where an administrator decides, and after each change, until it is removed', async ({
  page,
  call,
  folder,
}) => {
  const { certificate } = await makeAuthority(folder, 'plant', { commonName: 'Plant CA' })
  const { added } = await call(authorities.create, { body: { certificates: await readFile(certificate, 'utf8') } })
  const { id } = await makeMachine(call, 'press-hall-2')

  await enter(page)
  await openPage(page, '/brokers', 'Brokers')
  await expect(page.getByRole('row', { name: /Embedded broker/ })).toContainText('in order')
  await page.getByRole('link', { name: 'Embedded broker' }).click()
  await page.getByRole('button', { name: 'Run test' }).click()
  await expect(page.getByRole('list', { name: 'Steps of the test' })).toContainText('Works.')
  await expect(page.getByRole('table', { name: 'What this broker enforces' })).toContainText('Refused, of any CA.')

  await page.getByRole('main').getByRole('link', { name: 'Brokers' }).click()
  await page.getByRole('button', { name: 'Add broker' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add broker' })
  await dialog.getByRole('combobox', { name: 'Kind' }).click()
  await page.getByRole('option', { name: 'Mosquitto with an agent' }).click()
  await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('hall-2')
  await dialog.getByRole('button', { name: 'Add', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'hall-2', level: 1 })).toBeVisible()
  await expect(page.getByText('not reachable', { exact: true })).toBeVisible()
  await expect(page.getByRole('table', { name: 'What this broker enforces' })).toContainText('not there')

  await goTo(page, '/', 'Overview')
  await expect(page.getByRole('link', { name: 'The broker hall-2 is not reachable.' })).toBeVisible()
  await goTo(page, '/broker/connections', 'Connections')
  await expect(page.getByRole('list', { name: 'Other brokers' })).toContainText('hall-2')

  await goTo(page, '/revocations?revoke=', 'Revocations')
  const differences = page.getByRole('list', { name: 'Other brokers' })
  await expect(differences).toContainText('On hall-2 a certificate of a foreign CA cannot be revoked.')
  await expect(differences).toContainText('Not reachable: hall-2.')

  await goTo(page, `/authorities/${added[0]?.fingerprint}`, 'Plant CA')
  await page.getByRole('combobox', { name: 'Allowed usernames' }).fill('press-*')
  await page.keyboard.press('Enter')
  await expect(differences).toContainText('On hall-2 a CA cannot be limited to usernames.')
  await page.getByRole('button', { name: 'Save' }).click()
  await expectDone(page, 'CA Plant CA updated. hall-2 has not confirmed yet.')

  await goTo(page, `/users/${id}?edit=`, 'press-hall-2')
  const edit = page.getByRole('dialog', { name: 'Edit user' })
  await edit.getByLabel('Display name').fill('The press of hall 2')
  await edit.getByRole('button', { name: 'Save' }).click()
  await expectDone(page, 'User press-hall-2 updated. hall-2 has not confirmed yet.')

  await goTo(page, '/brokers', 'Brokers')
  await page.getByRole('link', { name: 'hall-2' }).click()
  await chooseAction(page, 'hall-2', 'Remove…')
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await expectDone(page, 'Broker hall-2 removed.')
  await expect(page.getByRole('row')).toHaveCount(2)
})
