/** Users: adding, finding, two people who edit the same user, and the limits of an operator. */

import { roles } from '@gatehouse/contract/access/roles'
import type { Call } from '@gatehouse/contract/client'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import {
  admin,
  chooseAction,
  expectDone,
  expectRefusal,
  expectShut,
  openPage,
  rowOf,
  signIn,
} from '../support/actions.ts'
import {
  browserCall,
  enter,
  makeMachine,
  makePerson,
  makeRole,
  makeUser,
  path,
  scriptCall,
  topic,
} from '../support/api.ts'
import { expect, test } from '../support/fixtures.ts'

test.beforeEach(({ page }) => enter(page))

test('adds a person who signs in and is signed out when the administrator disables her', async ({
  page,
  openBrowser,
}) => {
  await openPage(page, '/users', 'Users')
  await page.getByRole('button', { name: 'Add user' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add user' })
  await dialog.getByLabel('Username').fill('maria.lindqvist')
  await dialog.getByLabel('Display name').fill('Maria Lindqvist')
  await dialog.getByRole('button', { name: 'Generate' }).click()
  const password = await dialog.getByLabel('Password', { exact: true }).inputValue()
  await dialog.getByRole('checkbox', { name: 'Must be changed at the first sign-in' }).uncheck()
  await dialog.getByRole('button', { name: 'Create' }).click()
  await expectDone(page, 'User maria.lindqvist created.')
  await expect(page.getByRole('heading', { name: 'maria.lindqvist', level: 1 })).toBeVisible()

  const hers = await (await openBrowser()).newPage()
  await signIn(hers, { username: 'maria.lindqvist', password })
  await expect(hers.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'People' })).toHaveCount(0)

  await chooseAction(page, 'maria.lindqvist', 'Disable…')
  const confirm = page.getByRole('dialog', { name: 'Disable maria.lindqvist?' })
  await expect(confirm).toContainText('1 console session ends')
  await confirm.getByRole('button', { name: 'Disable' }).click()
  await expectDone(page, 'User maria.lindqvist disabled.')
  // By the API, because the button disappears after some seconds.
  await expectRefusal(browserCall(hers)(session.view, {}), 'not_signed_in')
  await page.getByRole('button', { name: 'Undo' }).click()
  await expectDone(page, 'User maria.lindqvist enabled.')
  await hers.reload()
  await expect(hers.getByRole('button', { name: 'Sign in' })).toBeVisible()
  await signIn(hers, { username: 'maria.lindqvist', password })
})

test('opens the menu of a row by keyboard, and returns the focus to its button', async ({ page, call }) => {
  await makeMachine(call, 'menu-1')
  await page.goto('/users?search=menu-1')
  const button = page.getByRole('button', { name: 'Actions for menu-1', exact: true })
  // The menu is created when it is first opened, so the second time takes another code path.
  for (const key of ['Enter', 'Space']) {
    await expect(button).toHaveAttribute('aria-haspopup', 'menu')
    await expect(button).toHaveAttribute('aria-expanded', 'false')
    await button.focus()
    await page.keyboard.press(key)
    await expect(page.getByRole('menuitem', { name: 'Edit' })).toBeFocused()
    await expect(button).toHaveAttribute('aria-expanded', 'true')
    await page.keyboard.press('ArrowDown')
    await expect(page.getByRole('menuitem', { name: 'Set password…' })).toBeFocused()
    await page.keyboard.press('Escape')
    await expect(page.getByRole('menu')).toHaveCount(0)
    await expect(button).toBeFocused()
  }
})

test('keeps search, filters, sort and page in the URL through reload and Back', async ({ page, call }) => {
  for (let at = 100; at < 152; at++) await makeMachine(call, `press-${at}`)
  const first = page.getByRole('table', { name: 'Users' }).getByRole('row').nth(1)
  await openPage(page, '/users', 'Users')
  await page.getByRole('searchbox', { name: 'Search users' }).fill('press-')
  await expect(page.getByText('52 users', { exact: true })).toBeVisible()
  await page.getByRole('combobox', { name: 'Kind' }).click()
  await page.getByRole('option', { name: 'Devices' }).click()
  await expect(page).toHaveURL(/search=press-.*kind=machine/)
  await page.getByRole('link', { name: 'Username' }).click()
  await expect(first).toContainText('press-151')
  await page.getByRole('link', { name: 'Next' }).click()
  await expect(first).toContainText('press-101')

  await page.reload()
  await expect(first).toContainText('press-101')
  await expect(page.getByRole('searchbox', { name: 'Search users' })).toHaveValue('press-')
  await expect(page.getByRole('combobox', { name: 'Kind' })).toHaveValue('Devices')
  await rowOf(page, 'press-101').click()
  await expect(page.getByRole('heading', { name: 'press-101', level: 1 })).toBeVisible()
  await page.goBack()
  await expect(first).toContainText('press-101')
  await page.goBack()
  await expect(first).toContainText('press-151')
  await page.goBack()
  await expect(first).toContainText('press-100')
})

test('two tabs: the second Update is refused, shows the first change, and saves both', async ({
  page,
  call,
  context,
}) => {
  const reader = await makeRole(call, 'reader', [topic('line-3/#', 'read')])
  const writer = await makeRole(call, 'writer', [topic('line-3/#', 'write')])
  const { id } = await makePerson(call, { username: 'jonas.weber', password: 'only for this story' })
  const first = page.getByRole('dialog', { name: 'Edit user' })
  const other = await context.newPage()
  const second = other.getByRole('dialog', { name: 'Edit user' })
  for (const [tab, dialog, role] of [
    [page, first, 'reader'],
    [other, second, 'writer'],
  ] as const) {
    await tab.goto(`/users?edit=${id}`)
    await dialog.getByLabel('Display name').fill(`Jonas the ${role}`)
    // Enter chooses the marked entry, and submits nothing if there is none.
    const held = dialog.getByRole('combobox', { name: 'Roles' })
    await held.fill('nothing is called so')
    await held.press('Enter')
    await held.fill(role)
    await expect(tab.getByRole('option', { name: role })).toHaveAttribute('data-combobox-selected', 'true')
    await held.press('Enter')
    // The open list can cover the button.
    await held.blur()
  }
  await first.getByRole('button', { name: 'Save' }).click()
  await expectDone(page, 'User jonas.weber updated.')
  await second.getByRole('button', { name: 'Save' }).click()

  const met = second.getByRole('alert').filter({ hasText: 'Someone else saved first.' })
  await expect(met).toContainText('You both changed Display name.')
  await expect(met.locator('ins')).toHaveText(['Jonas the reader', 'reader'])
  await expect(second.getByRole('textbox', { name: 'Display name' })).toHaveValue('Jonas the writer')
  expect(await call(users.view, { params: { id } })).toMatchObject({ displayName: 'Jonas the reader', roles: [reader] })
  await met.getByText('Theirs: Jonas the reader').click()
  await expect(second.getByRole('textbox', { name: 'Display name' })).toHaveValue('Jonas the reader')
  // A double click is one change.
  await second.getByRole('button', { name: 'Save' }).dblclick()
  await expectDone(other, 'User jonas.weber updated.')
  const updates = await call(audit.list, { search: { 'target[eq]': id, 'action[eq]': 'user.updated' } })
  expect(updates.items).toHaveLength(2)
  const saved = await call(users.view, { params: { id } })
  expect(saved).toMatchObject({ displayName: 'Jonas the reader', version: 3 })
  expect(saved.roles.toSorted()).toEqual([reader, writer].toSorted())
})

test("two tabs: one's own changes can be replaced by the current state", { tag: '@all' }, async ({ page, call }) => {
  const { id } = await makePerson(call, { username: 'petra.lang', password: 'only for this story' })
  await page.goto(`/users?edit=${id}`)
  const dialog = page.getByRole('dialog', { name: 'Edit user' })
  await dialog.getByLabel('Display name').fill('Mine')
  await call(users.update, { params: { id }, body: { displayName: 'Theirs' } })
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.getByRole('button', { name: 'Discard my changes' }).click()
  await expect(dialog.getByRole('textbox', { name: 'Display name' })).toHaveValue('Theirs')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect(dialog).toBeHidden()
  expect(await call(users.view, { params: { id } })).toMatchObject({ displayName: 'Theirs', version: 2 })
})

test('unsaved input is not discarded by accident, and never saved in part', async ({ page, call }) => {
  const { id } = await makePerson(call, { username: 'lena.berg', password: 'only for this story' })
  await openPage(page, '/users?search=lena', 'Users')
  await chooseAction(page, 'lena.berg', 'Edit')
  const dialog = page.getByRole('dialog', { name: 'Edit user' })
  const name = dialog.getByLabel('Display name')
  await name.fill('Lena B')
  await page.goBack()
  const question = page.getByRole('dialog', { name: 'Leave without saving?' })
  await question.getByRole('button', { name: 'Keep editing' }).click()
  await expect(name).toHaveValue('Lena B')

  page.once('dialog', (asked) => asked.accept())
  await page.reload()
  await expect(name).toHaveValue('')
  await expect(dialog).toContainText('lena.berg')
  expect(await call(users.view, { params: { id } })).toMatchObject({ displayName: null, version: 1 })
})

test('disables editing for an operator who may only read, with a reason; the API refuses, and nothing changes', async ({
  page,
  call,
  context,
}) => {
  const reader = { username: 'reader', password: 'only for this story' }
  const { id } = await makePerson(call, reader, [path('/api/users/#', 'read')])
  const before = await everybody(call)
  await context.clearCookies()
  await enter(page, reader)
  await openPage(page, '/users', 'Users')
  await expectShut(page.getByRole('button', { name: 'Add user' }), 'You need the permission to change /api/users.')
  await page.getByRole('button', { name: 'Actions for admin', exact: true }).click()
  for (const action of ['Set password…', 'Disable…', 'Delete…']) {
    const item = page.getByRole('menuitem', { name: action })
    await expect(item).toHaveAttribute('aria-disabled', 'true')
    await expect(item).toContainText('You need the permission to change /api/users/+')
  }
  const headers = { 'X-Requested-With': 'gatehouse' }
  for (const answer of [
    await page.request.post('/api/users', { headers, data: { username: 'intruder' } }),
    await page.request.patch(`/api/users/${id}`, { headers, data: { displayName: 'Me' } }),
    await page.request.delete(`/api/users/${id}`, { headers }),
  ]) {
    expect(await answer.json()).toMatchObject({ status: 403, code: 'not_permitted' })
  }
  expect(await everybody(call)).toEqual(before)
})

test('an operator who manages users cannot take over an administrator', { tag: '@all' }, async ({
  page,
  call,
  gatehouse,
  context,
}) => {
  const operator = { username: 'operator', password: 'only for this story' }
  const grantTypes = (['password', 'token'] as const).map((method) => ({ method, isRequired: false }))
  await makeUser(call, {
    ...operator,
    grantTypes,
    permissions: [path('/api/users/#', 'readWrite'), path('/api/roles/#', 'read')],
  })
  await context.clearCookies()
  await enter(page, operator)
  await openPage(page, '/users?search=admin', 'Users')
  await chooseAction(page, 'admin', 'Set password…')
  const dialog = page.getByRole('dialog', { name: 'Set password' })
  await dialog.getByRole('button', { name: 'Set password' }).click()
  await expect(dialog.getByRole('alert')).toContainText('This exceeds your own permissions.')
  await dialog.getByRole('button', { name: 'Cancel' }).click()

  await page.getByRole('button', { name: 'Add user' }).click()
  const adding = page.getByRole('dialog', { name: 'Add user' })
  await adding.getByRole('combobox', { name: 'Roles' }).click()
  const option = page.getByRole('option', { name: 'gatehouse-admin' })
  await expect(option).toHaveAttribute('data-combobox-disabled', 'true')
  await expect(option).toContainText('This exceeds your own permissions.')

  // The administrator's password is unchanged.
  await context.clearCookies()
  await enter(page, admin)
  const role = await adminRole(call)
  const asOperator = await scriptCall(gatehouse.url, operator)
  await expectRefusal(asOperator(users.create, { body: { username: 'intruder', roles: [role] } }), 'more_than_held')
  expect(await call(users.list, { search: { search: 'intruder' } })).toMatchObject({ items: [] })
})

async function adminRole(call: Call): Promise<string> {
  const { items } = await call(roles.list, { search: { 'name[eq]': 'gatehouse-admin' } })
  return items[0]?.id ?? ''
}

/** Returns the users and the version of each. */
async function everybody(call: Call): Promise<string[]> {
  const { items } = await call(users.list, { search: { limit: 200 } })
  return items.map(({ username, version }) => `${username} ${version}`)
}

test('content that arrives later on the page of a user moves no control', async ({ page, call }) => {
  const { id } = await makePerson(call, { username: 'still', password: 'only for this story' })
  await enter(page)
  const { promise: isLookedAt, resolve: answer } = Promise.withResolvers<void>()
  await page.route(`**/api/users/${id}/sessions`, async (route) => {
    await isLookedAt
    await route.continue()
  })
  await openPage(page, `/users/${id}?tab=sessions`, 'still')
  const button = page.getByRole('button', { name: 'Edit' })
  const before = await button.boundingBox()
  answer()
  await expect(page.getByRole('main')).toContainText('No console sessions.')
  expect(await button.boundingBox()).toEqual(before)
})
