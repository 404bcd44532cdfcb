/** A session that ends, and a server that does not answer, while something is typed: the person goes on, and loses nothing. */
import { roles } from '@gatehouse/contract/access/roles'
import { users } from '@gatehouse/contract/identity/users'
import type { Page } from '@playwright/test'
import { expectAccessible } from '../support/accessibility.ts'
import { expectDone, goTo, openPage, signIn, signOut } from '../support/actions.ts'
import { browserCall, enter, makePerson, path } from '../support/api.ts'
import { enrol } from '../support/authenticator.ts'
import { expect, test } from '../support/fixtures.ts'
import { typeCode } from '../support/second-factor.ts'

const ada = { username: 'ada', password: 'only for this story' }
const eve = { username: 'eve', password: 'also for this story' }
const writesRoles = [path('/api/roles/#', 'readWrite')]

async function typeRole(page: Page, name: string) {
  const dialog = page.getByRole('dialog', { name: 'Add role' })
  await dialog.getByLabel('Name', { exact: true }).fill(name)
  return dialog
}

test('the same user signs in again in front of an open form, another user gets a new page', async ({ page, call }) => {
  await makePerson(call, ada, writesRoles)
  const { id } = await makePerson(call, eve, writesRoles)
  const again = page.getByRole('dialog', { name: 'Sign in again' })
  const found = async (search: string) => (await call(roles.list, { search: { search } })).items.length
  await enter(page, ada)
  const { app } = await enrol(browserCall(page))
  await openPage(page, '/roles?create=', 'Roles')
  const form = await typeRole(page, 'typed-by-ada')

  await test.step('after the password and the code, the change that waited is sent', async () => {
    await page.context().clearCookies({ name: 'gatehouse' })
    await form.getByRole('button', { name: 'Create' }).click()
    await expect(again).toContainText('Your session was ended')
    await expectAccessible(page)
    await expect(again.getByLabel('Username')).toHaveValue('ada')
    await again.getByLabel('Password', { exact: true }).fill(ada.password)
    await page.keyboard.press('Enter')
    await typeCode(page, await app.code(1))
    await expectDone(page, 'typed-by-ada')
    expect(await found('typed-by-ada')).toBe(1)
  })

  await test.step('what was typed is gone when another user signs in, in another tab', async () => {
    await goTo(page, '/roles?create=', 'Roles')
    await typeRole(page, 'secret-of-ada')
    const other = await page.context().newPage()
    await openPage(other, '/roles', 'Roles')
    await signOut(other, ada)
    await expect(again).toContainText('You signed out in another tab.')
    await signIn(other, eve)
    await expect(page.getByRole('button', { name: 'Account of eve' })).toBeVisible()
    await expect(page.getByText('secret-of-ada')).toHaveCount(0)
    await expect(page).toHaveURL(/\/$/)
    expect(await found('secret-of-ada')).toBe(0)
  })

  await test.step('a temporary password is replaced in front of the form, and the change that waited is sent', async () => {
    const temporary = 'only until the next sign-in'
    await goTo(page, '/roles?create=', 'Roles')
    await typeRole(page, 'typed-before-the-reset')
    await call(users.setPassword, { params: { id }, body: { newPassword: temporary } })
    await form.getByRole('button', { name: 'Create' }).click()
    await again.getByLabel('Password', { exact: true }).fill(temporary)
    await page.keyboard.press('Enter')
    const choose = page.getByRole('dialog', { name: 'Choose your password' })
    await choose.getByLabel('Current password').fill(temporary)
    await choose.getByLabel('New password', { exact: true }).fill(eve.password)
    await choose.getByLabel('Confirm new password').fill(eve.password)
    await expectAccessible(page)
    await page.keyboard.press('Enter')
    await expectDone(page, 'typed-before-the-reset')
    expect(await found('typed-before-the-reset')).toBe(1)
  })
})

test('an unused console asks before it signs out, and one in which somebody types does not', async ({
  call,
  openBrowser,
}) => {
  // A browser of its own: the clock stays in a context.
  const page = await (await openBrowser()).newPage()
  const lea = { ...ada, username: 'lea' }
  await makePerson(call, lea, writesRoles)
  await enter(page, lea)
  await page.clock.install()
  await openPage(page, '/roles?create=', 'Roles')
  const form = await typeRole(page, 'typed')
  const warning = page.getByRole('dialog', { name: 'Stay signed in?' })
  await page.clock.fastForward('10:00')
  const look = page.waitForResponse('**/api/session')
  await form.getByLabel('Description').fill('also typed')
  // Nothing is sent by typing, so the console keeps the session.
  await look
  await page.clock.fastForward('20:00')
  await expect(warning).toHaveCount(0)
  await page.clock.fastForward('08:00')
  await expect(warning).toBeVisible()
  await warning.getByRole('button', { name: 'Stay signed in' }).click()
  await expect(warning).toBeHidden()
  await expect(form.getByLabel('Name', { exact: true })).toHaveValue('typed')
})

test.describe('without a server', () => {
  test.use({ expectedErrors: [/ERR_INTERNET_DISCONNECTED/] })

  test('one banner says what is old and that saving is paused; nothing is sent before the person asks', async ({
    page,
    call,
  }) => {
    const kim = { ...ada, username: 'kim' }
    await makePerson(call, kim, writesRoles)
    await enter(page, kim)
    await openPage(page, '/roles?create=', 'Roles')
    const form = await typeRole(page, 'made-after-the-pause')
    const create = form.getByRole('button', { name: 'Create' })
    await page.context().setOffline(true)
    await expect(page.getByText('You are offline.')).toBeVisible()
    await expect(create).toBeDisabled()
    await expect(form).toContainText('Saving is paused')
    await page.context().setOffline(false)
    await expectDone(page, 'Connected again.')
    await expect(create).toBeEnabled()
    expect((await call(roles.list, { search: { search: 'made-after' } })).items).toEqual([])
    await create.click()
    await expectDone(page, 'made-after-the-pause')
  })
})
