/** The dialogs say what a recovery ends and offer a choice; a first password works for one sign-in. */
import { createClient } from '@gatehouse/contract/client'
import { tokens } from '@gatehouse/contract/identity/tokens'
import { users } from '@gatehouse/contract/identity/users'
import { expectAccessible } from '../support/accessibility.ts'
import { enterCredentials, expectDone, expectRefusal, openPage, signIn, signOut } from '../support/actions.ts'
import { browserCall, enter, makeUser, path, type Signed, scriptCall } from '../support/api.ts'
import { expect, test } from '../support/fixtures.ts'

const password = 'only for this story'
const grantTypes = [{ method: 'password' as const }, { method: 'token' as const }]
const permissions = [path('/api/users/#', 'read')]

/** Calls with a token that is made in the console. */
async function consoleCall(browser: Signed, baseUrl: string) {
  const { token } = await browserCall(browser)(tokens.create, { body: { label: 'nightly import' } })
  return createClient({ baseUrl, headers: { Authorization: `Bearer ${token}` } })
}

test('an administrator sets a password and chooses whether tokens made in the console end', async ({
  page,
  gatehouse,
  call,
  openBrowser,
}) => {
  const ada = { username: 'ada', password }
  const { id } = await makeUser(call, { ...ada, grantTypes, permissions })
  const own = await openBrowser()
  await enter(own, ada)
  const [script, nightly] = [await scriptCall(gatehouse.url, ada), await consoleCall(own, gatehouse.url)]
  await enter(page)
  const dialog = page.getByRole('dialog', { name: 'Set password' })
  const choice = dialog.getByRole('checkbox', { name: 'Also revoke the token that was created in the console' })
  const setPassword = async () => {
    await page.goto(`/users?edit=${id}`)
    await page.getByRole('button', { name: 'Set password…' }).click()
    await dialog.getByText('Enter one').click()
    await dialog.getByLabel('New password', { exact: true }).fill('given by an administrator')
    await expect(choice).toBeChecked()
  }

  await setPassword()
  await expectAccessible(page)
  await choice.uncheck()
  await dialog.getByRole('checkbox', { name: 'Must be changed at the next sign-in' }).uncheck()
  await dialog.getByRole('button', { name: 'Set password' }).click()
  await expectDone(page, 'Password of ada set.')
  await expectRefusal(script(users.list, {}), 'not_signed_in')
  await nightly(users.list, {})

  await setPassword()
  await dialog.getByRole('button', { name: 'Set password' }).click()
  await expectDone(page, 'Password of ada set.')
  await expectRefusal(nightly(users.list, {}), 'not_signed_in')
})

test('requiring a second factor in Edit user says how many tokens it ends, and can keep some', { tag: '@all' }, async ({
  page,
  gatehouse,
  call,
  openBrowser,
}) => {
  const bea = { username: 'bea', password }
  const { id } = await makeUser(call, { ...bea, grantTypes, permissions })
  const own = await openBrowser()
  await enter(own, bea)
  await scriptCall(gatehouse.url, bea)
  await consoleCall(own, gatehouse.url)
  await enter(page)
  await page.goto(`/users?edit=${id}`)
  const dialog = page.getByRole('dialog', { name: 'Edit user' })
  await dialog.getByRole('button', { name: 'Require', exact: true }).click()
  await expect(dialog).toContainText('This change ends 2 tokens.')
  await dialog.getByRole('checkbox', { name: 'Also revoke the token that was created in the console' }).uncheck()
  await expect(dialog).toContainText('This change ends 1 token.')
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog).toBeHidden()
  const { items } = await call(tokens.listOf, { params: { id } })
  expect(items.map(({ origin }) => origin)).toEqual(['console'])
})

test('changing the own password ends the own tokens, unless the box is cleared', { tag: '@all' }, async ({
  page,
  gatehouse,
  call,
}) => {
  const cleo = { username: 'cleo', password }
  await makeUser(call, { ...cleo, grantTypes, permissions })
  await enter(page, cleo)
  const [script, nightly] = [await scriptCall(gatehouse.url, cleo), await consoleCall(page, gatehouse.url)]
  await openPage(page, '/account/password', 'Password')
  await page.getByLabel('Current password').fill(password)
  await page.getByLabel('New password', { exact: true }).fill('nine slow ferries at dawn')
  await page.getByLabel('Confirm new password').fill('nine slow ferries at dawn')
  const choice = page.getByRole('checkbox', { name: 'Also revoke the token that was created in the console' })
  await expect(choice).toBeChecked()
  await expectAccessible(page)
  await choice.uncheck()
  await page.getByRole('main').getByRole('button', { name: 'Change password' }).click()
  await expectDone(page, 'Password changed. Your other sessions have ended.')
  await expectRefusal(script(users.list, {}), 'not_signed_in')
  await nightly(users.list, {})
})

test('a person created in the console changes the first password at the first sign-in', async ({
  page,
  call,
  openBrowser,
}) => {
  await enter(page)
  await page.goto('/users?create=')
  const dialog = page.getByRole('dialog', { name: 'Add user' })
  await dialog.getByRole('textbox', { name: 'Username', exact: true }).fill('dora')
  await dialog.getByLabel('Password', { exact: true }).fill(password)
  await expect(dialog.getByRole('checkbox', { name: 'Must be changed at the first sign-in' })).toBeChecked()
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Create' }).click()
  await expectDone(page, 'User dora created.')
  const { items } = await call(users.list, { search: { 'username[eq]': 'dora' } })
  expect(items).toMatchObject([{ mustChangePassword: true }])
  const other = await (await openBrowser()).newPage()
  await other.goto('/roles')
  await enterCredentials(other, { username: 'dora', password })
  await expect(other.getByRole('heading', { name: 'Choose your password' })).toBeVisible()
  // The server computes the stage, so another address does not help.
  await other.goto('/users')
  await expect(other.getByRole('heading', { name: 'Choose your password' })).toBeVisible()
  const chosen = { username: 'dora', password: 'seven quiet lighthouses' }
  await other.getByLabel('Current password').fill(password)
  await other.getByLabel('New password', { exact: true }).fill(chosen.password)
  await other.getByLabel('Confirm new password').fill(chosen.password)
  await other.getByRole('button', { name: 'Set password and continue' }).click()
  await expect(other.getByRole('heading', { name: 'Enable multi-factor authentication?' })).toBeVisible()
  await other.getByRole('button', { name: 'Not now' }).click()
  await signOut(other, chosen)
  await enterCredentials(other, { username: 'dora', password })
  await expect(other.getByRole('alert')).toContainText('Wrong username or password.')
  await signIn(other, chosen)
})
