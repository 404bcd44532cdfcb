/**
 * Importing users from a file: checks the lines first, stops when the server refuses some, and offers those that were
 * left out.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { users } from '@gatehouse/contract/identity/users'
import type { Download, Page } from '@playwright/test'
import { expectShut, openPage } from '../support/actions.ts'
import { enter, makeMachine, makePerson, makeRole, path, topic } from '../support/api.ts'
import { dropFiles } from '../support/drop.ts'
import { expect, test } from '../support/fixtures.ts'

test.beforeEach(({ page }) => enter(page))

/** As a German spreadsheet writes it: byte order mark, semicolons, CRLF. */
async function writeTable(folder: string, lines: readonly string[]): Promise<string> {
  const file = join(folder, 'plant.csv')
  await writeFile(file, `\uFEFFUsername;Display name;Grant types;Roles\r\n${lines.join('\r\n')}\r\n`)
  return file
}

async function saved(page: Page, click: () => Promise<void>): Promise<{ download: Download; text: string }> {
  const arriving = page.waitForEvent('download')
  await click()
  const download = await arriving
  return { download, text: await readFile(await download.path(), 'utf8') }
}

test('imports 250 in the background, leaves five invalid lines out, and offers them as a file', async ({
  page,
  call,
  folder,
}) => {
  const role = await makeRole(call, 'plant-sensors', [topic('plant/+/state', 'write')])
  const lines = Array.from(
    { length: 250 },
    (_, at) => `plant-${at};"Sensor ""${at}""; hall 1";certificate;plant-sensors`,
  )
  lines[100] = 'plant 100;;;'
  lines[200] = 'plant-200;;certificate;no-such-role'
  lines[210] = 'PLANT-3;;;'
  lines[220] = 'plant-220;=1+1;kerberos;'
  lines[230] = ';nobody;;'
  await openPage(page, '/users', 'Users')
  await page.getByRole('button', { name: 'Import…' }).click()
  await page.getByRole('heading', { name: 'Import users' }).waitFor()
  await dropFiles(page, [await writeTable(folder, lines)])

  await expect(page.getByText('plant.csv: 245 users ready, 5 errors')).toBeVisible()
  const problems = page.getByRole('table', { name: 'Lines with errors' })
  await expect(problems.getByRole('row')).toHaveCount(6)
  await expect(problems.getByRole('row').nth(1)).toContainText('102')
  await expect(problems.getByRole('row').nth(2)).toContainText('there is no role “no-such-role”')
  await expect(problems.getByRole('row').nth(3)).toContainText('already on line 5')
  expect(await call(users.list, { search: { search: 'plant' } })).toMatchObject({ items: [] })

  // Held until the progress has been seen on another page.
  const isSeen = Promise.withResolvers<void>()
  let batches = 0
  await page.route('**/api/users/batch', async (route) => {
    if (++batches === 2) await isSeen.promise
    await route.continue()
  })
  await page.getByRole('button', { name: 'Import 245 users' }).click()
  await expect(page.getByRole('progressbar')).toBeVisible()
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Roles' }).click()
  await page.getByRole('heading', { name: 'Roles', level: 1 }).waitFor()
  await expect(page.getByText('Importing plant.csv: 100 of 245.')).toBeVisible()
  await page.getByRole('link', { name: 'Show', exact: true }).click()
  isSeen.resolve()
  await expect(page.getByText('245 users imported, 5 lines skipped.')).toBeVisible()

  const { download, text } = await saved(page, () =>
    page.getByRole('button', { name: 'Download skipped rows (5 lines)' }).click(),
  )
  expect(download.suggestedFilename()).toBe('plant-left-out.csv')
  const leftOut = text.trimEnd().split('\r\n')
  expect(leftOut).toHaveLength(6)
  expect(leftOut[0]).toBe('Username,Display name,Grant types,Roles,line,problem')
  expect(leftOut[4]).toMatch(/^plant-220,"?'=1\+1"?,kerberos,,222,/)
  await page.getByRole('button', { name: 'View users' }).click()
  await page.getByRole('heading', { name: 'Users', level: 1 }).waitFor()
  await page.getByRole('searchbox', { name: 'Search users' }).fill('plant-')
  await expect(page.getByText('245 users', { exact: true })).toBeVisible()
  const { items } = await call(users.list, { search: { 'username[eq]': 'plant-7' } })
  expect(items[0]).toMatchObject({ displayName: 'Sensor "7"; hall 1', roles: [role], kind: 'machine' })
})

test('stops at a taken name, and creates nothing of that batch until it is left out', async ({ page, call }) => {
  const taken = await makeMachine(call, 'hall-205')
  const names = Array.from({ length: 210 }, (_, at) => `hall-${at}`)
  await openPage(page, '/users/import', 'Import users')
  await page.getByLabel('Or paste text').fill(`username\n${names.join('\n')}`)
  await page.getByRole('button', { name: 'Preview' }).click()
  await page.getByRole('button', { name: 'Import 210 users' }).click()
  const stuck = page.getByRole('alert').filter({ hasText: 'Lines 202 to 211 were not imported.' })
  await expect(stuck).toContainText('All lines before them were imported')
  await expect(page.getByRole('table', { name: 'Refused by the server' })).toContainText(
    'This username is already taken.',
  )
  expect((await call(users.list, { search: { search: 'hall-' } })).total).toBe(201)

  await page.getByRole('button', { name: 'Skip 1 line and continue' }).click()
  await expect(page.getByText('209 users imported, 1 line skipped.')).toBeVisible()
  expect((await call(users.list, { search: { search: 'hall-' } })).total).toBe(210)
  expect(await call(users.view, { params: { id: taken.id } })).toMatchObject({ version: 1 })
})

test('reports unreadable files, and imports nothing from a file without a valid line', { tag: '@all' }, async ({
  page,
}) => {
  await openPage(page, '/users/import', 'Import users')
  await page.getByLabel('Or paste text').fill('name\nsomebody\n')
  await page.getByRole('button', { name: 'Preview' }).click()
  await expect(page.getByRole('alert')).toContainText('The column “username” is missing.')
  await page.getByLabel('Or paste text').fill('username\na b\n')
  await page.getByRole('button', { name: 'Preview' }).click()
  await expect(page.getByRole('button', { name: 'Import 0 users' })).toBeDisabled()
})

test('exports the filtered list, and refuses users who may only read', async ({ page, call, context }) => {
  await makeMachine(call, 'export-me')
  const reader = { username: 'only-looks', password: 'only for this story' }
  await makePerson(call, reader, [path('/api/users/#', 'read')])
  await openPage(page, '/users?search=export-me&kind=machine', 'Users')
  const { download, text } = await saved(page, () => page.getByRole('link', { name: 'Export', exact: true }).click())
  expect(download.suggestedFilename()).toMatch(/^gatehouse-users-.*\.csv$/)
  expect(text.split('\r\n')[1]).toMatch(/^export-me,,machine,certificate,,,,local,off,/)
  expect(text.trimEnd().split('\r\n')).toHaveLength(2)

  await context.clearCookies()
  await enter(page, reader)
  await openPage(page, '/users', 'Users')
  await expect(page.getByRole('link', { name: 'Export', exact: true })).toHaveCount(0)
  await expectShut(page.getByRole('button', { name: 'Import…' }), 'You need the permission to change /api/users/batch.')
  const headers = { 'X-Requested-With': 'gatehouse' }
  const data = { users: [{ username: 'intruder' }] }
  const answer = await page.request.post('/api/users/batch', { headers, data })
  expect(await answer.json()).toMatchObject({ status: 403, code: 'not_permitted' })
  expect((await page.request.get('/api/users.csv')).status()).toBe(403)
  expect(await call(users.list, { search: { search: 'intruder' } })).toMatchObject({ items: [] })
})
