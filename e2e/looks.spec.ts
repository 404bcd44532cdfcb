/** Every page and dialog, light and dark, wide and on a phone: axe finds nothing, and nothing has to be pushed sideways. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { makeAuthority } from '@gatehouse/pki/testing/certificates'
import { expectAccessible } from './accessibility.ts'
import { chooseAction, openPage, placesInNavigation } from './actions.ts'
import { enter, makeMachine, makeRole, makeUser, topic } from './api.ts'
import { dropFiles } from './drop.ts'
import { expect, test } from './fixtures.ts'
import { subscribe } from './mosquitto.ts'

const person = { username: 'maria.lindqvist', password: 'only for these pictures' }

// Each look is a run of its own.
test.describe.configure({ timeout: 300_000 })

test.beforeAll(async ({ call, gatehouse }) => {
  const role = await makeRole(call, 'line-3-reader', [topic('line-3/#', 'read')])
  await makeUser(call, {
    ...person,
    displayName: 'Maria Lindqvist',
    roles: [role],
    permissions: [topic('a/b', 'write')],
  })
  await makeMachine(call, 'line-3-press', [topic('line-3/#', 'readWrite')])
  const off = await makeMachine(call, 'line-3-scale')
  await call(users.update, { params: { id: off.id }, body: { disabled: true, mfaRequired: true } })
  const soon = new Date(Date.now() + 5 * 24 * 60 * 60_000)
  const expiring = makeAuthority({ subject: 'Line 3 Device CA', notAfter: soon })
  const twins = [makeAuthority({ subject: 'Twin CA' }), makeAuthority({ subject: 'Twin CA' })]
  const certificates = [expiring, ...twins].map(({ certificatePem }) => certificatePem).join('')
  await call(authorities.create, { body: { certificates } })
  const refused = subscribe({ url: gatehouse.mqttUrl, ...person, password: 'a guess' }, ['a'])
  await refused.connack()
})

test('the pages', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await expectAccessible(page)
  await enter(page)
  for (const place of [
    ...(await placesInNavigation(page)),
    '/authorities/built-in',
    '/users?search=nobody-at-all',
    '/nowhere',
  ]) {
    await page.goto(place)
    await page.getByRole('main').getByRole('heading').first().waitFor()
    await expectAccessible(page)
  }
})

test('the reference of the API', async ({ page }) => {
  // A part of it looks like all of it, and is read in a tenth of the time.
  await page.route('/api/openapi.json', async (route) => {
    const document = (await (await route.fetch()).json()) as { paths: Record<string, object> }
    const paths = Object.entries(document.paths).filter(([path]) => /^\/api\/users\/{id}$|session/.test(path))
    await route.fulfill({ json: { ...document, paths: Object.fromEntries(paths) } })
  })
  await page.goto('/api/docs')
  await page.getByRole('button', { name: /^PATCH \/api\/users\/{id} / }).click({ timeout: 60_000 })
  await page.getByRole('button', { name: 'Try it out' }).click()
  await expectAccessible(page)
})

test('the import of users', async ({ page }) => {
  await enter(page)
  await openPage(page, '/users/import', 'Import users')
  await expectAccessible(page)
  const lines = ['imported-1,Imported One,machine', 'a b,,', `${person.username},,`]
  await page.getByLabel('Or paste text').fill(`username,displayName,kind\n${lines.join('\n')}`)
  await page.getByRole('button', { name: 'Look at it' }).click()
  await page.getByRole('table', { name: 'Lines with a problem' }).waitFor()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Import 2 users' }).click()
  await page.getByRole('alert').filter({ hasText: 'Nothing of lines' }).waitFor()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Stop here' }).click()
  await page.getByText('0 users made, 3 lines left out.').waitFor()
  await expectAccessible(page)
})

test('the dialogs of tokens', async ({ page }) => {
  await enter(page)
  await openPage(page, '/settings/tokens?create=', 'Tokens')
  const creating = page.getByRole('dialog', { name: 'Create Token' })
  await creating.getByLabel('What is it for?').fill('Nightly import')
  await creating.getByLabel('Expires').selectOption('On a day of my choice')
  await creating.getByText('Only some of it').click()
  await creating.getByRole('combobox', { name: 'Add one of your permissions' }).click()
  await page.getByRole('option', { name: 'May read and change everything' }).click()
  await expectAccessible(page)
  await creating.getByLabel('Expires').selectOption('Never')
  await creating.getByRole('button', { name: 'Create', exact: true }).click()
  await page.getByRole('dialog', { name: 'Save your token' }).waitFor()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Done' }).click()
  await page.getByRole('button', { name: 'Revoke Nightly import' }).click()
  await page.getByRole('dialog', { name: 'Revoke Nightly import?' }).waitFor()
  await expectAccessible(page)
})

test('the dialogs of users and roles', async ({ page, call }) => {
  await enter(page)
  const { items } = await call(users.list, { search: { search: person.username } })
  await page.goto(`/users?edit=${items[0]?.id}`)
  const editing = page.getByRole('dialog', { name: 'Edit User' })
  await editing.getByRole('switch', { name: 'Advanced Mode' }).check()
  await editing.getByRole('switch', { name: 'Certificate' }).check()
  await expect(editing).toContainText('Common Name must be exactly')
  await expectAccessible(page)
  await editing.getByRole('tab', { name: 'Effective access' }).click()
  await editing.getByLabel('Topic or path to try').fill('a/b')
  await expect(editing).toContainText('Allowed by')
  await expectAccessible(page)
  await editing.getByRole('tab', { name: 'User' }).click()
  await editing.getByLabel('Display name').fill('Maria L.')
  await call(users.update, { params: { id: items[0]?.id ?? '' }, body: { displayName: 'M. Lindqvist' } })
  await editing.getByRole('button', { name: 'Update' }).click()
  await expect(editing).toContainText('You both changed Display name.')
  await expectAccessible(page)
  await editing.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('dialog', { name: 'Leave without saving?' }).waitFor()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Leave', exact: true }).click()

  await page.goto('/users?create=')
  await page.getByRole('dialog', { name: 'Add User' }).getByRole('button', { name: 'Generate' }).click()
  await expectAccessible(page)
  await openPage(page, '/users?search=line', 'Users')
  await chooseAction(page, 'line-3-press', 'Set password…')
  await expectAccessible(page)
  await page.getByRole('dialog').getByRole('button', { name: 'Set password' }).click()
  await page.getByRole('dialog', { name: 'One-time password' }).waitFor()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Done' }).click()
  await chooseAction(page, 'line-3-press', 'Delete…')
  await page.getByRole('dialog', { name: 'Delete line-3-press?' }).waitFor()
  await expectAccessible(page)

  await openPage(page, '/permissions?can=publish&about=line-3/%2B', 'Permissions')
  await page.getByRole('link', { name: 'line-3/#' }).click()
  await page.getByRole('dialog', { name: 'Permission' }).waitFor()
  await expectAccessible(page)

  await openPage(page, '/roles', 'Roles')
  await page.getByRole('link', { name: 'line-3-reader' }).click()
  const role = page.getByRole('dialog', { name: 'Edit Role' })
  await role.getByLabel('Topic or path to try').fill('line-3/x')
  await role.getByRole('button', { name: 'Add a path' }).click()
  await role.getByLabel('Path 1').fill('/api/users/#')
  await role.getByLabel('Path 1').blur()
  await expectAccessible(page)
  await role.getByLabel('Topic filter 1').fill('line-3/#/x')
  await expectAccessible(page)
})

test('the dialogs of client certificates', async ({ page, call }) => {
  const { id } = await makeMachine(call, 'line-3-oven', [topic('line-3/#', 'read')])
  await enter(page)
  await page.goto(`/users?edit=${id}`)
  const editing = page.getByRole('dialog', { name: 'Edit User' })
  await editing.getByRole('tab', { name: 'Certificates' }).click()
  await editing.getByRole('button', { name: 'Issue certificate…' }).click()
  const issuing = page.getByRole('dialog', { name: 'Issue a certificate' })
  await issuing.getByText('I have a request').click()
  await expectAccessible(page)
  await issuing.getByText('Make a key here').click()
  await issuing.getByRole('button', { name: 'Issue', exact: true }).click()
  await page.getByRole('dialog', { name: 'Save the certificate and its key' }).waitFor()
  await page.getByRole('button', { name: 'PKCS#12 file' }).click()
  await expectAccessible(page)
  await page.getByLabel('I have saved the key').check()
  await page.getByRole('button', { name: 'Done' }).click()
  await editing.getByRole('button', { name: /^Actions for certificate/ }).click()
  await page.getByRole('menuitem', { name: 'Hand over…' }).click()
  const handing = page.getByRole('dialog', { name: 'Hand over' })
  for (const tab of ['Kubernetes', 'Helm']) {
    await handing.getByRole('tab', { name: tab }).click()
    await expectAccessible(page)
  }
  await openPage(page, '/client-certificates', 'Client certificates')
  await page.getByRole('table', { name: 'Client certificates' }).getByRole('link', { name: 'line-3-oven' }).waitFor()
  await expectAccessible(page)
  await openPage(page, '/authorities', 'Authorities')
  await page.getByRole('link', { name: 'Line 3 Device CA' }).click()
  await page.getByRole('dialog', { name: 'Authority' }).getByRole('button', { name: 'Download' }).click()
  await page.getByRole('menuitem', { name: 'For Mosquitto, Kubernetes, Helm…' }).click()
  await page.getByRole('region', { name: 'mosquitto.conf' }).waitFor()
  await expectAccessible(page)
})

test('the dialogs of authorities, the broker and the audit', async ({ page, call, gatehouse, folder }) => {
  const client = subscribe({ url: gatehouse.mqttUrl, ...person, clientId: 'maria' }, ['line-3/#'])
  await client.suback()
  await enter(page)
  await openPage(page, '/authorities', 'Authorities')
  const file = join(folder, 'both.pem')
  const both = [makeAuthority({ subject: 'Fresh CA' }), makeAuthority({ basicConstraints: { isAuthority: false } })]
  await writeFile(file, both.map(({ certificatePem }) => certificatePem).join(''))
  await dropFiles(page, [file])
  await page.getByRole('dialog', { name: 'Upload CA' }).getByRole('button', { name: 'Leave it out' }).waitFor()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Give something else' }).click()
  await expectAccessible(page)
  await openPage(page, '/authorities', 'Authorities')
  await page.getByRole('link', { name: 'Line 3 Device CA' }).click()
  await page.getByRole('dialog', { name: 'Authority' }).waitFor()
  await expectAccessible(page)

  await openPage(page, '/certificates/check', 'Check a certificate')
  await page.getByLabel('Certificate to check').fill(both[0]?.certificatePem ?? '')
  await page.getByRole('list', { name: 'Checks' }).waitFor()
  await expectAccessible(page)

  await openPage(page, '/revocations?revoke=', 'Revocations')
  await page.getByRole('dialog', { name: 'Revoke a certificate' }).waitFor()
  await expectAccessible(page)
  await page.getByText('A serial number').click()
  await expectAccessible(page)

  await openPage(page, '/broker/connections', 'Connections')
  await chooseAction(page, `${person.username}, maria`, 'Disconnect…')
  await page.getByRole('dialog', { name: `Disconnect ${person.username}?` }).waitFor()
  await expectAccessible(page)
  await client.stop()

  const { items } = await call(audit.list, { search: { 'action[eq]': 'user.disabled' } })
  await page.goto(`/audit?view=${items[0]?.id}`)
  await page.getByRole('dialog', { name: 'User disabled' }).waitFor()
  await expectAccessible(page)
})
