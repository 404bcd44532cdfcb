/** Permissions: finds them by meaning, leads to their holders, and tests what one user may do. */
import { permissions } from '@gatehouse/contract/access/permissions'
import { roles } from '@gatehouse/contract/access/roles'
import { users } from '@gatehouse/contract/identity/users'
import { expectDone, expectRefusal, goTo, openPage, rowOf } from '../support/actions.ts'
import { browserCall, enter, makeMachine, makePerson, makeRole, makeUser, path, topic } from '../support/api.ts'
import { expect, test } from '../support/fixtures.ts'

test.beforeEach(({ page }) => enter(page))

test('finds the holder of line-3/#, who can write line-3/+/setpoint, and opens the role', async ({ page, call }) => {
  await makeRole(call, 'line-3-operator', [topic('line-3/#', 'readWrite')])
  const press = await makeMachine(call, 'press-1', [
    topic('line-3/press-1/setpoint', 'write'),
    topic('line-4/#', 'write'),
  ])
  await openPage(page, '/', 'Overview')
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Permissions' }).click()
  await expect(rowOf(page, 'line-4/#')).toBeVisible()
  await page.getByRole('combobox', { name: 'Operation' }).click()
  await page.getByRole('option', { name: 'publish to' }).click()
  const question = page.getByRole('searchbox', { name: 'Topic or path' })
  await question.fill('line-3/#/setpoint')
  await expect(page.getByText('Not a topic filter. + stands for one whole level, # only at the end.')).toBeVisible()
  await question.fill('line-3/+/setpoint')
  await expect(rowOf(page, 'line-4/#')).toHaveCount(0)
  await expect(page.getByText('2 permissions')).toBeVisible()
  await expect(rowOf(page, 'line-3/#')).toContainText('line-3-operator')
  await expect(rowOf(page, 'line-3/press-1/setpoint')).toHaveCount(0)

  const part = page.getByRole('checkbox', { name: 'include partial matches' })
  await part.click()
  await expect(part).toBeChecked()
  await rowOf(page, 'line-3/press-1/setpoint').click()
  const dialog = page.getByRole('dialog', { name: 'Permission' })
  await expect(dialog).toContainText('May publish to line-3/press-1/setpoint.')
  await dialog.getByRole('link', { name: 'press-1' }).click()
  await expect(page).toHaveURL(`/users/${press.id}`)
  await page.goBack()
  await page.goBack()
  await expect(question).toHaveValue('line-3/+/setpoint')
  await rowOf(page, 'line-3/#').getByRole('link', { name: 'line-3-operator' }).click()
  await expect(page.getByRole('heading', { name: 'line-3-operator', level: 1 })).toBeVisible()
})

test('composes a role from others, tests it before it is created, and shows its holders', async ({ page, call }) => {
  await makeRole(call, 'press-reader', [topic('press/#', 'read'), topic('press/state', 'write')])
  await makeRole(call, 'press-writer', [topic('press/state', 'write'), topic('press/+/setpoint', 'write')])
  await openPage(page, '/roles', 'Roles')
  await page.getByRole('button', { name: 'Add role' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add role' })
  await dialog.getByLabel('Name').fill('press-keeper')
  for (const [role, said] of [
    ['press-reader', '2 copied from press-reader.'],
    ['press-writer', '1 copied from press-writer. 1 already existed.'],
  ] as const) {
    await dialog.getByRole('combobox', { name: 'Copy permissions from…' }).fill(role)
    await page.getByRole('option', { name: role }).click()
    await expect(dialog).toContainText(said)
  }
  await dialog.getByRole('button', { name: 'Add path', exact: true }).click()
  await dialog.getByLabel('Path 1').fill('set a user')
  await page.getByRole('option', { name: "Set a user's password" }).click()
  await expect(dialog.getByLabel('Path 1')).toHaveValue('/api/users/+/password')
  await expect(dialog.getByLabel('Operation in the console 1')).toHaveValue('write')

  const tried = dialog.getByLabel('Topic or path to test')
  await tried.fill('press/7/setpoint')
  await expect(dialog.getByRole('status').filter({ hasText: 'Allowed by' })).toContainText('press/+/setpoint')
  await tried.fill('press/7/state')
  await expect(dialog).toContainText('Denied: no matching permission.')
  await tried.fill('$SYS/new')
  await expect(dialog).toContainText('only the broker publishes below $SYS')
  await page.getByLabel('Operation to test').selectOption('Change')
  await tried.fill('/api/users/0190/password')
  await expect(dialog.getByRole('status').filter({ hasText: 'Allowed by' })).toContainText('/api/users/+/password')
  await dialog.getByRole('button', { name: 'Create' }).click()
  await expectDone(page, 'Role press-keeper created.')

  const { items } = await call(roles.list, { search: { 'name[eq]': 'press-keeper' } })
  expect(items[0]?.permissions).toEqual([
    path('/api/users/+/password', 'write'),
    topic('press/#', 'read'),
    topic('press/+/setpoint', 'write'),
    topic('press/state', 'write'),
  ])
  await makeUser(call, { username: 'keeper-1', roles: [items[0]?.id ?? ''] })
  await goTo(page, `/roles/${items[0]?.id}`, 'press-keeper')
  await page.getByRole('list', { name: 'Users with this role' }).getByRole('link', { name: 'keeper-1' }).click()
  await expect(page.getByRole('heading', { name: 'keeper-1', level: 1 })).toBeVisible()
})

test('copies only permissions that the caller holds; the API refuses the others', { tag: '@all' }, async ({
  page,
  call,
  context,
}) => {
  await makeRole(call, 'mighty', [topic('line-9/#', 'read'), topic('#', 'readWrite')])
  const small = { username: 'small', password: 'only for this story' }
  await makePerson(call, small, [path('/api/roles/#', 'readWrite'), topic('line-9/#', 'readWrite')])
  await context.clearCookies()
  await enter(page, small)
  await openPage(page, '/roles', 'Roles')
  await page.getByRole('button', { name: 'Add role' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add role' })
  await dialog.getByLabel('Name').fill('copied')
  await dialog.getByRole('combobox', { name: 'Copy permissions from…' }).fill('mighty')
  await page.getByRole('option', { name: 'mighty' }).click()
  await expect(dialog).toContainText('1 copied from mighty. 1 left out because you do not hold it yourself.')
  await dialog.getByRole('button', { name: 'Create' }).click()
  await expectDone(page, 'Role copied created.')
  const copied = await call(roles.list, { search: { 'name[eq]': 'copied' } })
  expect(copied.items).toMatchObject([{ permissions: [topic('line-9/#', 'read')], version: 1 }])
  const widened = browserCall(page)(roles.update, {
    params: { id: copied.items[0]?.id ?? '' },
    body: { permissions: [topic('#', 'readWrite')] },
  })
  await expectRefusal(widened, 'more_than_held')
  expect(await call(roles.list, { search: { 'name[eq]': 'copied' } })).toEqual(copied)
})

test('shows the permissions of a user with their origin, and the answer to one question', async ({ page, call }) => {
  const role = await makeRole(call, 'line-5', [topic('line-5/#', 'readWrite')])
  const { id } = await makeUser(call, {
    username: 'press-5',
    roles: [role],
    permissions: [topic('line-5/+/state', 'write')],
    mqttPublishPrefix: 'line-5/press/',
  })
  await openPage(page, `/users/${id}`, 'press-5')
  await page.getByRole('tab', { name: 'Effective access' }).click()
  const lines = page.getByRole('region', { name: 'Allows' }).getByRole('listitem')
  await expect(lines).toHaveCount(2)
  await expect(lines.first()).toContainText('Publish and subscribe')
  await expect(lines.first().getByRole('link', { name: 'line-5' })).toBeVisible()
  await expect(lines.last()).toContainText('direct')

  const answer = page.getByRole('region', { name: 'Check' }).getByRole('status')
  await page.getByLabel('Topic or path to test').fill('state')
  await expect(answer).toContainText('Tested as line-5/press/state')
  await expect(answer).toContainText('direct')
  await page.getByLabel('Operation to test').selectOption('Subscribe to')
  await expect(answer).toContainText('Denied: no matching permission.')

  await page.getByRole('button', { name: 'Edit', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Edit user' })
  const held = dialog.getByRole('combobox', { name: 'Roles' })
  await held.press('Backspace')
  await held.blur()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expectDone(page, 'User press-5 updated.')
  await expect(lines).toHaveCount(1)
  const body = { context: 'mqtt', resource: 'state', operation: 'write' } as const
  expect(await call(permissions.check, { params: { id }, body })).toMatchObject({ allowed: true })
})

test('has no page and no answer without the permission', { tag: '@all' }, async ({ page, call, context }) => {
  const reader = { username: 'reader', password: 'only for this story' }
  const { id } = await makePerson(call, reader, [path('/api/users', 'read')])
  await context.clearCookies()
  await enter(page, reader)
  await openPage(page, '/users', 'Users')
  await expect(page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Permissions' })).toHaveCount(0)
  for (const address of ['/api/permissions', `/api/users/${id}/access`]) {
    expect(await (await page.request.get(address)).json()).toMatchObject({ status: 403, code: 'not_permitted' })
  }
  expect(await call(users.view, { params: { id } })).toMatchObject({ version: 1 })
})
