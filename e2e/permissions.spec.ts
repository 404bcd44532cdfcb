/** Permissions: who may do what, found by meaning, followed to where it is held, and asked of one user. */
import { users } from '@gatehouse/contract/users'
import { openPage, rowOf } from './actions.ts'
import { enter, makeMachine, makePerson, makeRole, path, topic } from './api.ts'
import { expect, test } from './fixtures.ts'

test.beforeEach(({ page }) => enter(page))

test('who can write line-3/+/setpoint? The holder of line-3/#, by meaning; from there to the role', async ({
  page,
  call,
}) => {
  await makeRole(call, 'line-3-operator', [topic('line-3/#', 'readWrite')])
  const press = await makeMachine(call, 'press-1', [
    topic('line-3/press-1/setpoint', 'write'),
    topic('line-4/#', 'write'),
  ])
  await openPage(page, '/', 'Overview')
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Permissions' }).click()
  await expect(rowOf(page, 'line-4/#')).toBeVisible()
  await page.getByRole('combobox', { name: 'use' }).click()
  await page.getByRole('option', { name: 'publish to' }).click()
  const question = page.getByRole('searchbox', { name: 'Topic or path' })
  await question.fill('line-3/#/setpoint')
  await expect(
    page.getByText('Not a topic filter: + stands for one whole level, # only at the very end.'),
  ).toBeVisible()
  await question.fill('line-3/+/setpoint')
  await expect(rowOf(page, 'line-4/#')).toHaveCount(0)
  await expect(page.getByText('2 permissions')).toBeVisible()
  await expect(rowOf(page, 'line-3/#')).toContainText('line-3-operator')
  await expect(rowOf(page, 'line-3/press-1/setpoint')).toHaveCount(0)

  const part = page.getByRole('checkbox', { name: 'or a part of it' })
  await part.click()
  await expect(part).toBeChecked()
  await rowOf(page, 'line-3/press-1/setpoint').click()
  const dialog = page.getByRole('dialog', { name: 'Permission' })
  await expect(dialog).toContainText('May publish to line-3/press-1/setpoint.')
  await dialog.getByRole('link', { name: 'press-1' }).click()
  await expect(page).toHaveURL(`/users?edit=${press.id}`)
  await page.goBack()
  await page.goBack()
  await expect(question).toHaveValue('line-3/+/setpoint')
  await rowOf(page, 'line-3/#').getByRole('link', { name: 'line-3-operator' }).click()
  await expect(page.getByRole('dialog', { name: 'Edit Role' })).toContainText('line-3-operator')
})

test('who may not read it has no such page, and gets no answer', async ({ page, call, context }) => {
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
