/** The audit: filters in the URL, details with before and after, and refusal without the permission. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { roles } from '@gatehouse/contract/access/roles'
import { audit } from '@gatehouse/contract/operations/audit'
import { enterCredentials, openPage } from '../support/actions.ts'
import { enter, makePerson, makeRole, topic } from '../support/api.ts'
import { expect, test } from '../support/fixtures.ts'

const rows = { name: 'Audit' }

test('finds a change, opens it, and finds it again by its address', async ({ page, call }) => {
  const id = await makeRole(call, 'line-3-reader', [topic('line-3/#', 'read')])
  await call(roles.update, { params: { id }, body: { permissions: [topic('line-4/#', 'read')] } })
  await enter(page)
  await openPage(page, '/audit', 'Audit')
  const table = page.getByRole('table', rows)
  await page.getByRole('combobox', { name: 'Action' }).click()
  await page.getByRole('option', { name: 'Role changed' }).click()
  await expect(table.getByRole('row')).toHaveCount(2)
  await expect(page).toHaveURL(/action=role.updated/)
  await table.getByRole('row').nth(1).getByRole('link').first().click()
  const event = page.getByRole('dialog', { name: 'Role changed' })
  await expect(event).toContainText('line-3-reader')
  await expect(event).toContainText('with a token')
  await expect(event.getByRole('deletion')).toContainText('line-3/#')
  await expect(event.getByRole('insertion')).toContainText('line-4/#')

  await page.reload()
  await expect(event).toContainText('line-3-reader')

  await event.getByRole('link', { name: 'All events about line-3-reader' }).click()
  await expect(page).toHaveURL(/target=/)
  await page.goBack()
  await expect(event).toBeVisible()
  await page.goBack()
  await expect(event).toBeHidden()
  await expect(page).toHaveURL(/action=role.updated/)
})

test('downloads all filtered events, and records the download', async ({ page, call }) => {
  for (let n = 0; n < 51; n++) await makeRole(call, `downloaded-${n}`, [])
  await makeRole(call, 'left-out', [])
  await enter(page)
  await openPage(page, '/audit?search=downloaded-', 'Audit')
  await page.getByRole('button', { name: 'Download' }).click()
  const waiting = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: 'CSV' }).click()
  const download = await waiting
  expect(download.suggestedFilename()).toMatch(/^gatehouse-audit-.*\.csv$/)
  const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\r\n')
  expect(lines).toHaveLength(1 + 51)
  expect(lines.slice(1).every((line) => line.includes(',role.created,admin,token,'))).toBe(true)
  await openPage(page, '/audit?action=audit.exported', 'Audit')
  await page.getByRole('table', rows).getByRole('row').nth(1).getByRole('link').first().click()
  await expect(page.getByRole('dialog', { name: 'Audit exported' })).toContainText('downloaded-')
})

test('contains refused sign-ins without the typed password', async ({ page, gatehouse }) => {
  const guess = 'a guess that nobody makes'
  await page.goto('/')
  await enterCredentials(page, { username: 'admin', password: guess })
  await expect(page.getByRole('alert')).toContainText('Wrong username or password.')
  await enter(page)
  await openPage(page, '/audit?action=session.refused', 'Audit')
  await expect(page.getByRole('table', rows).getByRole('row').nth(1)).toContainText('Sign-in refused')
  const entries = await readdir(gatehouse.dataFolder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const contents = await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'latin1')))
  expect([...contents, ...gatehouse.lines].filter((text) => text.includes(guess))).toEqual([])
})

test('is absent from navigation, pages and API without the permission', { tag: '@all' }, async ({ page, call }) => {
  const nobody = { username: 'nobody', password: 'only for this story' }
  await makePerson(call, nobody)
  const { total } = await call(audit.list, {})
  await enter(page, nobody)
  await openPage(page, '/', 'Overview')
  await expect(page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Audit' })).toHaveCount(0)
  await page.goto('/audit')
  await expect(page.getByRole('alert')).toContainText('You may not do this.')
  await expect(page.getByRole('table')).toHaveCount(0)
  const answer = await page.request.get('/api/audit')
  expect(await answer.json()).toMatchObject({ status: 403, code: 'not_permitted' })
  // Only the sign-in was added.
  expect((await call(audit.list, {})).total).toBe((total ?? 0) + 1)
})
