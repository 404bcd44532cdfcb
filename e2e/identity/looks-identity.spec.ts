/** The dialogs of users, roles and tokens, and the import: axe finds nothing, and the page fits, in light and dark, on a desk and on a phone. */
import { users } from '@gatehouse/contract/identity/users'
import { expectAccessible } from '../support/accessibility.ts'
import { chooseAction, goTo, openPage } from '../support/actions.ts'
import { enter } from '../support/api.ts'
import { expect, test } from '../support/fixtures.ts'
import { looksTimeoutMs, makeLooksData, person } from '../support/looks-data.ts'

test.describe.configure({ timeout: looksTimeoutMs })
test.beforeAll(makeLooksData)

test('the import of users is accessible and fits', async ({ page }) => {
  await enter(page)
  await openPage(page, '/users/import', 'Import users')
  await expectAccessible(page)
  const lines = ['imported-1,Imported One,machine', 'a b,,', `${person.username},,`]
  await page.getByLabel('Or paste text').fill(`username,displayName,kind\n${lines.join('\n')}`)
  await page.getByRole('button', { name: 'Preview' }).click()
  await page.getByRole('table', { name: 'Lines with errors' }).waitFor()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Import 2 users' }).click()
  await page.getByRole('alert').filter({ hasText: 'Lines' }).waitFor()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Stop here' }).click()
  await page.getByText('0 users imported, 3 lines skipped.').waitFor()
  await expectAccessible(page)
})

test('the dialogs of tokens are accessible and fit', async ({ page }) => {
  await enter(page)
  await openPage(page, '/account/tokens?create=', 'Tokens')
  const creating = page.getByRole('dialog', { name: 'Create token' })
  await creating.getByLabel('Purpose').fill('Nightly import')
  await creating.getByLabel('Expires').selectOption('Choose a date')
  await creating.getByText('Selected permissions').click()
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

test('the dialogs of users and roles are accessible and fit', async ({ page, call }) => {
  await enter(page)
  const { items } = await call(users.list, { search: { search: person.username } })
  await page.goto(`/users?edit=${items[0]?.id}`)
  const editing = page.getByRole('dialog', { name: 'Edit user' })
  await editing.getByRole('switch', { name: 'Advanced mode' }).check()
  await editing.getByRole('switch', { name: 'Certificate' }).check()
  await expect(editing).toContainText('The Common Name must be exactly')
  await expectAccessible(page)
  await editing.getByLabel('Display name').fill('Maria L.')
  await call(users.update, { params: { id: items[0]?.id ?? '' }, body: { displayName: 'M. Lindqvist' } })
  await editing.getByRole('button', { name: 'Save' }).click()
  await expect(editing).toContainText('You both changed Display name.')
  await expectAccessible(page)
  await editing.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('dialog', { name: 'Leave without saving?' }).waitFor()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Leave', exact: true }).click()

  for (const tab of ['', '?tab=access', '?tab=decisions', '?tab=sessions']) {
    await goTo(page, `/users/${items[0]?.id}${tab}`, person.username)
    await expectAccessible(page)
  }
  await goTo(page, '/users?create=', 'Users')
  await page.getByRole('dialog', { name: 'Add user' }).getByRole('button', { name: 'Generate' }).click()
  await expectAccessible(page)
  await goTo(page, '/users?search=line', 'Users')
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

  await goTo(page, '/roles', 'Roles')
  await page.getByRole('link', { name: 'line-3-reader' }).click()
  await page.getByRole('heading', { name: 'line-3-reader', level: 1 }).waitFor()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Edit', exact: true }).click()
  const role = page.getByRole('dialog', { name: 'Edit role' })
  await role.getByLabel('Topic or path to test').fill('line-3/x')
  await role.getByRole('button', { name: 'Add path', exact: true }).click()
  await role.getByLabel('Path 1').fill('/api/users/#')
  await role.getByLabel('Path 1').blur()
  await expectAccessible(page)
  await role.getByLabel('Topic filter 1').fill('line-3/#/x')
  await expectAccessible(page)
})
