/** Devices: the page of one, tags, and changes of several selected rows. */

import { maxTagsPerUser } from '@gatehouse/contract/identity/tags'
import { userTransfer } from '@gatehouse/contract/identity/user-import'
import { users } from '@gatehouse/contract/identity/users'
import { expectAccessible } from '../support/accessibility.ts'
import { expectDone, expectRefusal, openPage, rowOf } from '../support/actions.ts'
import { enter, makeMachine, makeRole, makeUser, topic } from '../support/api.ts'
import { expect, test } from '../support/fixtures.ts'
import { subscribe } from '../support/mosquitto.ts'

test.beforeEach(({ page }) => enter(page))

test('shows on the page of a device what needs attention, and edits it there', async ({ page, call, gatehouse }) => {
  const scale = { username: 'scale-7', password: 'only for this story' }
  const { id } = await makeUser(call, { ...scale, kind: 'machine', permissions: [topic('line-3/#', 'read')] })
  const login = { url: gatehouse.mqttUrl, username: scale.username, clientId: 'scale-7' }
  const connected = subscribe({ ...login, password: scale.password }, ['line-3/#'])
  expect(await connected.suback()).toEqual([0])
  await openPage(page, '/devices?search=scale-7', 'Devices')
  await rowOf(page, 'scale-7').click()
  await expect(page.getByRole('heading', { name: 'scale-7', level: 1 })).toBeVisible()
  await expect(page.getByRole('list', { name: 'Live connections' })).toContainText('scale-7')
  await expect(page.getByRole('list', { name: 'Needs attention' })).toHaveCount(0)

  const guess = subscribe({ ...login, clientId: 'guess', password: 'a guess' }, ['line-3/#'])
  expect(await guess.connack()).toBe(4)
  const attention = page.getByRole('list', { name: 'Needs attention' })
  await expect(attention).toContainText('Refused last time. Wrong username or password.')
  await attention.getByRole('link', { name: 'Decisions' }).click()
  await expect(page.getByRole('list', { name: 'Decisions of the last days' })).toContainText('guess')

  await page.getByRole('button', { name: 'Edit', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Edit user' })
  await dialog.getByLabel('Display name').fill('Scale of line 7')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expectDone(page, 'User scale-7 updated.')
  await expect(page.getByRole('main')).toContainText('Scale of line 7')
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Actions for scale-7' }).click()
  await page.getByRole('menuitem', { name: 'Delete…' }).click()
  const question = page.getByRole('dialog', { name: 'Delete scale-7?' })
  await question.getByRole('textbox').fill('scale-7')
  await question.getByRole('button', { name: 'Delete' }).click()
  await expect(page.getByRole('heading', { name: 'Devices', level: 1 })).toBeVisible()
  await expectRefusal(call(users.view, { params: { id } }), 'not_found')
  await connected.exit()
})

test('tags selected devices and gives them a role, filters by the tag, and disables them', async ({ page, call }) => {
  const role = await makeRole(call, 'bulk-reader', [topic('line-3/#', 'read')])
  for (let at = 1; at <= 3; at++) await makeMachine(call, `bulk-${at}`)
  await openPage(page, '/devices?search=bulk-', 'Devices')
  await page.getByRole('checkbox', { name: 'Select all on this page' }).check()
  await page.getByRole('checkbox', { name: 'Select bulk-3' }).uncheck()
  const bar = page.getByRole('region', { name: 'Selected rows' })
  await expect(bar).toContainText('2 selected')
  await expectAccessible(page)

  await bar.getByRole('button', { name: 'Roles and tags…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Roles and tags' })
  const addTags = dialog.getByRole('combobox', { name: 'Add tags' })
  await addTags.fill('Hall 3')
  await addTags.press('Enter')
  await dialog.getByRole('combobox', { name: 'Add roles' }).fill('bulk')
  await page.getByRole('option', { name: 'bulk-reader' }).click()
  await dialog.getByRole('combobox', { name: 'Add roles' }).blur()
  await expect(page.getByRole('option', { name: 'bulk-reader' })).toBeHidden()
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Change 2 users' }).click()
  await expectDone(page, '2 users changed.')
  await expect(bar).toHaveCount(0)

  await page.getByRole('combobox', { name: 'Tag', exact: true }).click()
  await page.getByRole('option', { name: 'hall 3' }).click()
  await expect(page.getByText('2 devices', { exact: true })).toBeVisible()
  await page.getByRole('checkbox', { name: 'Select all on this page' }).check()
  await bar.getByRole('button', { name: 'Disable…' }).click()
  await page.getByRole('dialog', { name: 'Disable 2 users?' }).getByRole('button', { name: 'Disable' }).click()
  await expectDone(page, '2 users disabled.')
  const { items } = await call(users.list, { search: { 'tag[eq]': 'hall 3', 'state[eq]': 'disabled' } })
  expect(items.map(({ username, roles }) => [username, roles])).toEqual([
    ['bulk-1', [role]],
    ['bulk-2', [role]],
  ])
})

test('tags all devices that match the filter, over many pages, and says who was left out', async ({ page, call }) => {
  const many = Array.from({ length: 220 }, (_, at) => ({ username: `fleet-${at}`, kind: 'machine' as const }))
  await call(userTransfer.batch, { body: { users: many } })
  const full = Array.from({ length: maxTagsPerUser }, (_, at) => `t${at}`)
  await makeUser(call, { username: 'fleet-full', kind: 'machine', tags: full })
  await openPage(page, '/devices?search=fleet-', 'Devices')
  await page.getByRole('checkbox', { name: 'Select all on this page' }).check()
  const bar = page.getByRole('region', { name: 'Selected rows' })
  await bar.getByRole('button', { name: 'Select all 221 that match' }).click()
  await expect(bar).toContainText('221 selected')

  await bar.getByRole('button', { name: 'Roles and tags…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Roles and tags' })
  const addTags = dialog.getByRole('combobox', { name: 'Add tags' })
  await addTags.fill('fleet')
  await addTags.press('Enter')
  await dialog.getByRole('button', { name: 'Change 221 users' }).click()
  const report = page.getByRole('dialog', { name: 'Not all users were changed' })
  await expect(report).toContainText('220 users changed.')
  await expect(report.getByRole('list', { name: 'Users that were left out' })).toHaveText('fleet-full: Too long.')
  await report.getByRole('button', { name: 'Close' }).last().click()
  await expect(bar).toHaveCount(0)
  expect((await call(users.list, { search: { 'tag[eq]': 'fleet', limit: 1 } })).total).toBe(220)
})

test('hides a column and keeps a saved filter in this browser', async ({ page, call }) => {
  await makeMachine(call, 'viewed-1')
  await openPage(page, '/devices?search=viewed', 'Devices')
  await page.getByRole('button', { name: 'View', exact: true }).click()
  await page.getByRole('checkbox', { name: 'Signs in with' }).uncheck()
  await page.getByLabel('Name of the filter').fill('My devices')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expectAccessible(page)
  await page.keyboard.press('Escape')
  await expect(page.getByRole('columnheader', { name: 'Signs in with' })).toHaveCount(0)

  await openPage(page, '/devices', 'Devices')
  await expect(page.getByRole('columnheader', { name: 'Signs in with' })).toHaveCount(0)
  await page.getByRole('button', { name: 'View', exact: true }).click()
  await page.getByRole('link', { name: 'My devices' }).click()
  await expect(page).toHaveURL(/search=viewed/)
  await expect(rowOf(page, 'viewed-1')).toBeVisible()
})
