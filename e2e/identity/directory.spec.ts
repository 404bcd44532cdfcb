/** A directory in the console: added and tested, its groups mapped to roles, and a person who signs in with its password. */
import type { Page } from '@playwright/test'
import { expectAccessible } from '../support/accessibility.ts'
import { enterCredentials, expectDone, openPage } from '../support/actions.ts'
import { enter, makeRole, topic } from '../support/api.ts'
import { type Directory, hasDirectory, startDirectory } from '../support/directory.ts'
import { expect, test } from '../support/fixtures.ts'

test.skip(!hasDirectory, 'not installed: slapd')

let directory: Directory
test.beforeAll(async () => {
  directory = await startDirectory()
})
test.afterAll(() => directory.stop())

test('adds a directory, maps a group to a role, and a person signs in with the password of the directory', async ({
  page,
  call,
  openBrowser,
}) => {
  await makeRole(call, 'line-3-operator', [topic('line-3/#', 'readWrite')])
  await enter(page)

  await test.step('the test names the step that fails, then finds the person', async () => {
    await openPage(page, '/settings/identity-providers?create=ldap', 'Identity providers')
    const dialog = page.getByRole('dialog', { name: 'Add directory' })
    await dialog.getByRole('combobox', { name: 'Product' }).click()
    await page.getByRole('option', { name: 'OpenLDAP' }).click()
    await dialog.getByLabel('Addresses').fill(directory.url)
    await dialog.getByLabel('Account', { exact: true }).fill(directory.account)
    await dialog.getByLabel('Password', { exact: true }).fill(directory.accountPassword)
    await dialog.getByLabel('Search base', { exact: true }).fill(directory.peopleBase)
    await dialog.getByLabel('Search base of groups').fill(directory.groupBase)
    await dialog.getByLabel('Person to look for').fill('alice')
    const steps = dialog.getByRole('list', { name: 'Steps of the test' })
    await dialog.getByRole('button', { name: 'Test', exact: true }).click()
    await expect(steps.getByRole('listitem').filter({ hasText: 'Check the certificate' })).toContainText(
      'No trusted CA signed the certificate.',
    )
    await expectAccessible(page)
    await dialog.getByLabel('Own CAs').fill(directory.authorities)
    await dialog.getByRole('button', { name: 'Test', exact: true }).click()
    await expect(steps.getByRole('listitem').filter({ hasText: 'Find the person’s groups' })).toContainText('Works.')
    await dialog.getByRole('button', { name: 'Add', exact: true }).click()
    await expect(page.getByRole('heading', { name: 'OpenLDAP', level: 1 })).toBeVisible()
  })

  await test.step('a group of a person is mapped, and the preview says what the person gets', async () => {
    await page.getByRole('button', { name: 'Edit mappings' }).click()
    const dialog = page.getByRole('dialog', { name: 'Role mappings' })
    await dialog.getByLabel('Username').fill('alice')
    await dialog.getByRole('button', { name: 'Check' }).click()
    const groups = dialog.getByRole('list', { name: 'Groups of the person' })
    await groups.getByRole('listitem').filter({ hasText: directory.operators }).getByRole('button').click()
    await dialog.getByRole('combobox', { name: 'Roles of mapping 1' }).click()
    await page.getByRole('option', { name: 'line-3-operator' }).click()
    // Closes the list of roles.
    await dialog.getByLabel('Username').focus()
    await expect(dialog).toContainText('The user is created at the first sign-in, with these roles:')
    await expectAccessible(page)
    await dialog.getByRole('button', { name: 'Save' }).click()
    await expectDone(page, 'Role mappings of OpenLDAP saved.')
    await expect(page.getByRole('list', { name: 'Role mappings' })).toContainText('line-3-operator')
    await expectAccessible(page)
  })

  await test.step('the person signs in, and reads where the password is changed', async () => {
    const own = await (await openBrowser()).newPage()
    await own.goto('/')
    await enterCredentials(own, { username: 'alice', password: directory.password })
    await expect(own.getByRole('button', { name: 'Account of alice' })).toBeVisible()
    await openPage(own, '/account/password', 'Password')
    await expect(own.getByText('You sign in with OpenLDAP.')).toBeVisible()
    await expect(own.getByRole('table', { name: 'Linked identities' })).toContainText('alice')
  })

  await test.step('the page of the user says which mapping gives the role, which cannot be removed by hand', async () => {
    await openUser(page, 'alice')
    await expect(page.getByRole('list', { name: 'Roles by source' })).toContainText(directory.operators)
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Edit', exact: true }).click()
    const dialog = page.getByRole('dialog', { name: 'Edit user' })
    await expect(dialog).toContainText(`Mapped by OpenLDAP: line-3-operator (by ${directory.operators}).`)
    await expect(dialog).toContainText('The identity provider keeps the password. It is changed there.')
    await dialog.getByRole('combobox', { name: 'Roles' }).press('Backspace')
    await expect(dialog.getByText('line-3-operator', { exact: true })).toBeVisible()
  })

  await test.step('the form of the directory says what disabling it ends', async () => {
    await openPage(page, '/settings/identity-providers', 'Identity providers')
    await page.getByRole('link', { name: 'OpenLDAP' }).click()
    await page.getByRole('button', { name: 'Edit', exact: true }).click()
    const dialog = page.getByRole('dialog', { name: 'Edit identity provider' })
    await dialog.getByRole('switch', { name: 'Enabled' }).uncheck()
    await expect(dialog.getByText('Disabling refuses 1 user. It ends 1 session.')).toBeVisible()
  })
})

async function openUser(page: Page, username: string): Promise<void> {
  await openPage(page, '/people', 'People')
  const filter = page.getByRole('combobox', { name: 'Origin' })
  await filter.click()
  await page.getByRole('option', { name: 'OpenLDAP' }).click()
  await page.getByRole('link', { name: username }).click()
  await expect(page.getByRole('heading', { name: username, level: 1 })).toBeVisible()
}
