/**
 * Roles: created with the keyboard alone, narrowed while machines are connected, and limited to the caller's
 * permissions.
 */
import { roles } from '@gatehouse/contract/access/roles'
import type { Page } from '@playwright/test'
import { chooseAction, expectDone, expectRefusal, openPage } from '../support/actions.ts'
import { enter, makePerson, makeRole, makeUser, path, topic } from '../support/api.ts'
import { expect, test } from '../support/fixtures.ts'
import { subscribe } from '../support/mosquitto.ts'

test.beforeEach(({ page }) => enter(page))

test('creates and edits a role with the keyboard alone', async ({ page, call }) => {
  await openPage(page, '/', 'Overview')
  await press(page, 'Skip to content', 'Tab')
  await tabTo(page, 'Roles', 'Enter')
  await expect(page.getByRole('heading', { name: 'Roles' })).toBeVisible()
  await tabTo(page, 'Add role', 'Enter')
  const dialog = page.getByRole('dialog', { name: 'Add role' })
  await expect(dialog.getByLabel('Name')).toBeFocused()
  await page.keyboard.type('line-3-reader')
  await tabTo(page, 'Add topic', 'Enter')
  await expect(dialog.getByLabel('Topic filter 1')).toBeFocused()
  await tabTo(page, 'Remove this row', 'Enter')
  await expect(dialog.getByRole('button', { name: 'Add topic' })).toBeFocused()
  await page.keyboard.press('Enter')
  await page.keyboard.type('line-3/#/x')
  await expect(dialog).toContainText('Not a topic filter. + stands for one whole level, # only at the end.')
  await page.keyboard.press('Backspace')
  await page.keyboard.press('Backspace')
  await page.keyboard.press('Enter')
  await expectDone(page, 'Role line-3-reader created.')
  await expect(page.getByRole('button', { name: 'Add role' })).toBeFocused()

  await tabTo(page, 'line-3-reader', 'Enter')
  await expect(page.getByRole('heading', { name: 'line-3-reader', level: 1 })).toBeVisible()
  await tabTo(page, 'Edit', 'Enter')
  const editing = page.getByRole('dialog', { name: 'Edit role' })
  await expect(editing.getByLabel('Name')).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(editing).toBeHidden()
  await expect(page.getByRole('button', { name: 'Edit', exact: true })).toBeFocused()
  const { items } = await call(roles.list, { search: { 'name[eq]': 'line-3-reader' } })
  expect(items).toMatchObject([{ permissions: [topic('line-3/#', 'read')], version: 1 }])
})

test('ends a subscription when the role is narrowed', async ({ page, gatehouse, call }) => {
  const role = await makeRole(call, 'both-lines', [topic('line-3/#', 'read'), topic('line-4/#', 'read')])
  const machine = { username: 'scale-1', password: 'only for this story' }
  await makeUser(call, { ...machine, roles: [role] })
  const login = { url: gatehouse.mqttUrl, ...machine }
  const client = subscribe(login, ['line-3/#', 'line-4/#'])
  expect(await client.suback()).toEqual([0, 0])

  await openPage(page, '/roles?search=both', 'Roles')
  await chooseAction(page, 'both-lines', 'Edit')
  const dialog = page.getByRole('dialog', { name: 'Edit role' })
  await expect(dialog).toContainText('1 user has this role. Changes apply at once.')
  await dialog.getByRole('button', { name: 'Remove line-4/#' }).click()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expectDone(page, 'Role both-lines updated. 1 connection ended.')
  await client.ended()
  await client.stop()
  const again = subscribe(login, ['line-3/#', 'line-4/#'])
  expect(await again.suback()).toEqual([0, 128])

  await chooseAction(page, 'both-lines', 'Delete…')
  const confirm = page.getByRole('dialog', { name: 'Delete both-lines?' })
  await expect(confirm).toContainText('1 user loses its permissions')
  await expect(confirm).toContainText('Assigned to: scale-1')
  await expect(confirm.getByRole('link', { name: 'Show user' })).toHaveAttribute('href', `/users?role=${role}`)
  await confirm.getByRole('button', { name: 'Remove from users and delete' }).click()
  await expectDone(page, 'Role both-lines deleted. 1 connection ended.')
  await again.ended()
  await again.stop()
})

test('stays on the page of a role whose deletion is refused, also after its dialog was closed', async ({
  page,
  call,
}) => {
  const id = await makeRole(call, 'given-meanwhile', [topic('line-5/#', 'read')])
  await openPage(page, `/roles/${id}`, 'given-meanwhile')
  await chooseAction(page, 'given-meanwhile', 'Delete…')
  const confirm = page.getByRole('dialog', { name: 'Delete given-meanwhile?' })
  await expect(confirm).toContainText('Not assigned to any user.')
  await makeUser(call, { username: 'scale-5', password: 'only for this story', roles: [id] })
  await confirm.getByRole('button', { name: 'Delete' }).click()
  await expect(confirm).toContainText('Assigned to: scale-5')

  // Holds the request until the dialog is closed.
  const held = Promise.withResolvers<void>()
  await page.route(`**/api/roles/${id}?*`, async (route) => {
    await held.promise
    await route.continue()
  })
  const sent = page.waitForRequest((request) => request.method() === 'DELETE')
  await confirm.getByRole('button', { name: 'Remove from users and delete' }).click()
  await sent
  await page.keyboard.press('Escape')
  await expect(confirm).toBeHidden()
  await call(roles.update, { params: { id }, body: { description: 'Changed meanwhile' } })
  held.resolve()
  await expectDone(page, 'Someone else saved first.')
  await expect(page.getByRole('heading', { name: 'given-meanwhile', level: 1 })).toBeVisible()
})

test('keeps the changes of two people who edit the same role at once', { tag: '@all' }, async ({ page, call }) => {
  const id = await makeRole(call, 'both-add', [topic('a', 'read'), topic('b', 'read')])
  await page.goto(`/roles?edit=${id}`)
  const dialog = page.getByRole('dialog', { name: 'Edit role' })
  await dialog.getByRole('button', { name: 'Add topic' }).click()
  await dialog.getByLabel('Topic filter 3').fill('mine')
  const theirs = { permissions: [topic('b', 'read'), topic('theirs', 'write')] }
  await call(roles.update, { params: { id }, body: theirs })
  await dialog.getByRole('button', { name: 'Save' }).click()
  const met = dialog.getByRole('alert').filter({ hasText: 'Someone else saved first.' })
  await expect(met.locator('del')).toHaveText(['May subscribe to a'])
  await expect(met.locator('ins')).toHaveText(['May publish to theirs'])
  expect(await call(roles.view, { params: { id } })).toMatchObject({ ...theirs, version: 2 })
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expectDone(page, 'Role both-add updated.')
  expect(await call(roles.view, { params: { id } })).toMatchObject({
    permissions: [topic('b', 'read'), topic('mine', 'read'), topic('theirs', 'write')],
    version: 3,
  })
})

test('keeps built-in roles unchanged, and refuses permissions that the caller does not hold', async ({
  page,
  call,
  context,
}) => {
  await openPage(page, '/roles?search=gatehouse', 'Roles')
  await chooseAction(page, 'gatehouse-admin', 'Show')
  const dialog = page.getByRole('dialog', { name: 'Role' })
  await expect(dialog).toContainText('Built-in roles can be assigned, not changed.')
  await expect(dialog.getByRole('button', { name: 'Save' })).toHaveCount(0)
  const { items } = await call(roles.list, { search: { 'name[eq]': 'gatehouse-admin' } })
  const id = items[0]?.id ?? ''
  await expectRefusal(call(roles.update, { params: { id }, body: { permissions: [] } }), 'built_in')

  const keeper = { username: 'keeper', password: 'only for this story' }
  await makePerson(call, keeper, [path('/api/roles/#', 'readWrite'), topic('line-3/#', 'readWrite')])
  await context.clearCookies()
  await enter(page, keeper)
  await openPage(page, '/roles', 'Roles')
  await page.getByRole('button', { name: 'Add role' }).click()
  const adding = page.getByRole('dialog', { name: 'Add role' })
  await adding.getByLabel('Name').fill('everything')
  await adding.getByRole('button', { name: 'Add topic' }).click()
  await adding.getByLabel('Topic filter 1').fill('#')
  await expect(adding).toContainText('This exceeds your own permissions.')
  await adding.getByRole('button', { name: 'Create' }).click()
  await expect(adding).toContainText('This exceeds your own permissions.')
  expect(await call(roles.list, { search: { 'name[eq]': 'everything' } })).toMatchObject({ total: 0 })
  await adding.getByLabel('Topic filter 1').fill('line-3/+/state')
  await adding.getByRole('button', { name: 'Create' }).click()
  await expectDone(page, 'Role everything created.')
})

/** Presses Tab until the element with this name has the focus; then the key, if one is given. */
async function tabTo(page: Page, name: string, key?: string): Promise<void> {
  for (let step = 0; step < 60; step++) {
    await page.keyboard.press('Tab')
    if ((await page.evaluate(nameOfFocused)).includes(name)) {
      if (key) await page.keyboard.press(key)
      return
    }
  }
  throw new Error(`Not reached with Tab: ${name}`)
}

/** Cheaper than a locator by role, which computes the names of all elements at each step. */
function nameOfFocused(): string {
  const focused = document.activeElement
  return focused?.ariaLabel ?? (focused?.matches('a, button') ? (focused.textContent ?? '') : '')
}

async function press(page: Page, focused: string, key: string): Promise<void> {
  await page.keyboard.press(key)
  await expect(page.getByRole('link', { name: focused })).toBeFocused()
}
