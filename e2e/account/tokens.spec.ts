/** Tokens: made for a script, narrowed, shown once, used with curl, listed and revoked; refused without permission. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { roles } from '@gatehouse/contract/access/roles'
import { createClient } from '@gatehouse/contract/client'
import { tokenPattern, tokens } from '@gatehouse/contract/identity/tokens'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import type { Page } from '@playwright/test'
import { expectAccessible } from '../support/accessibility.ts'
import { admin, expectDone, expectRefusal, expectShut, openPage } from '../support/actions.ts'
import { browserCall, enter, makePerson, makeUser, path, topic } from '../support/api.ts'
import { expect, test } from '../support/fixtures.ts'
import { letMinutesPass } from '../support/time.ts'

const password = 'only for this story'
const run = promisify(execFile)

/** Runs a shell command; returns the body and the status on two lines. */
async function runLine(line: string): Promise<{ body: string; status: string }> {
  const { stdout } = await run('sh', ['-c', `${line} --silent --write-out '\\n%{http_code}'`])
  const at = stdout.lastIndexOf('\n')
  return { body: stdout.slice(0, at), status: stdout.slice(at + 1) }
}

const inSevenDays = () => new Date(Date.now() + 7 * 24 * 60 * 60_000).toLocaleDateString('en', { dateStyle: 'medium' })

const callWith = (baseUrl: string, token: string) =>
  createClient({ baseUrl, headers: { Authorization: `Bearer ${token}` } })

/** Returns the secret that the dialog shows once. */
async function takeToken(page: Page): Promise<{ token: string; line: string }> {
  const shown = page.getByRole('dialog', { name: 'Save your token' })
  await expect(shown).toBeVisible()
  const [token = '', line = ''] = await shown.locator('code').allTextContents()
  expect(token).toMatch(tokenPattern)
  await page.keyboard.press('Escape')
  await expect(shown).toBeVisible()
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await shown.getByRole('button', { name: 'Copy: Token' }).click()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(token)
  await shown.getByRole('button', { name: 'Done' }).click()
  await expect(shown).toBeHidden()
  expect(await page.content()).not.toContain(token)
  expect(page.url()).not.toContain(token)
  return { token, line }
}

test('makes a token for reading users, tries the shown command, and revokes the token', async ({
  page,
  gatehouse,
  call,
}) => {
  await enter(page)
  await openPage(page, '/account/tokens', 'Tokens')
  await expect(page.getByRole('link', { name: 'the API' })).toHaveAttribute('href', '/api/docs')
  const dialog = page.getByRole('dialog', { name: 'Create token' })
  const row = page.getByRole('row').filter({ hasText: 'Nightly import' })
  let endsFrom = ''

  await test.step('the form says what is missing, and how long the token will be valid', async () => {
    await page.getByRole('button', { name: 'Create token' }).click()
    await dialog.getByText('Selected permissions').click()
    await dialog.getByRole('button', { name: 'Create', exact: true }).click()
    await expect(dialog).toContainText('Required.')
    await expect(dialog).toContainText('Add at least one permission.')
    await dialog.getByLabel('Expires').selectOption('Never')
    await expect(dialog).toContainText('It works until it is revoked.')
    await dialog.getByLabel('Expires').selectOption('Choose a date')
    await dialog.getByLabel('Last day').fill('2001-01-01')
    await dialog.getByLabel('Purpose').fill('Nightly import')
    await dialog.getByRole('button', { name: 'Add path', exact: true }).click()
    await dialog.getByLabel('Path 1').fill('/api/users/#')
    await dialog.getByRole('button', { name: 'Create', exact: true }).click()
    await expect(dialog).toContainText('This date is in the past.')
    await dialog.getByLabel('Expires').selectOption('In 7 days')
    await expectAccessible(page)
    endsFrom = inSevenDays()
    await dialog.getByRole('button', { name: 'Create', exact: true }).click()
  })

  const { token, line } = await takeToken(page)
  await test.step('the shown command works unchanged', async () => {
    expect(line).toContain(`-H 'Authorization: Bearer ${token}' ${gatehouse.url}/api/users`)
    const answer = await runLine(line)
    expect(answer.status).toBe('200')
    expect(answer.body).toContain('"username":"admin"')
  })

  await test.step('a call outside its permissions is refused, although its user may make it', async () => {
    const script = callWith(gatehouse.url, token)
    await expectRefusal(script(users.create, { body: { username: 'by-a-narrow-token' } }), 'not_permitted')
    await expectRefusal(script(roles.list, {}), 'not_permitted')
    await expectRefusal(script(tokens.create, { body: { label: 'wider' } }), 'tokens_not_accepted')
    expect(await call(users.list, { search: { 'username[eq]': 'by-a-narrow-token' } })).toMatchObject({ total: 0 })
  })

  await test.step('the list shows its permissions, its last use and its end', async () => {
    await page.reload()
    await expect(row).toContainText('May read /api/users/#')
    await expect(row).toContainText(/now|seconds? ago|minutes? ago/)
    await expect(row).toContainText(new RegExp(`${endsFrom}|${inSevenDays()}`))
    await expectAccessible(page)
  })

  await test.step('once revoked, it is refused at the next request', async () => {
    await row.getByRole('button', { name: 'Revoke Nightly import' }).click()
    const confirm = page.getByRole('dialog', { name: 'Revoke Nightly import?' })
    await confirm.getByRole('button', { name: 'Revoke' }).click()
    await expectDone(page, 'Token Nightly import revoked.')
    await expect(row).toHaveCount(0)
    expect((await runLine(line)).status).toBe('401')
  })

  await test.step('the audit names it without its secret', async () => {
    const { items } = await call(audit.list, { search: { 'targetType[eq]': 'token' } })
    const about = items.filter(({ target }) => target?.name === 'Nightly import')
    expect(about.map(({ action }) => action)).toEqual(['token.revoked', 'token.created'])
    expect(JSON.stringify(items)).not.toContain(token)
    await openPage(page, `/audit?view=${about[0]?.id}`, 'Audit')
    await expect(page.getByRole('dialog', { name: 'Token revoked' })).toContainText('May read /api/users/#')
  })
})

test('a token may do at most what its user may, and making one needs a recent proof', { tag: '@all' }, async ({
  page,
  gatehouse,
  call,
}) => {
  const eva = { username: 'eva', password }
  const grantTypes = [{ method: 'password' as const }, { method: 'token' as const }]
  const permissions = [path('/api/roles/#', 'read'), topic('line-3/#', 'read')]
  const { id } = await makeUser(call, { ...eva, grantTypes, permissions })
  await enter(page, eva)
  await openPage(page, '/account/tokens?create=', 'Tokens')
  const dialog = page.getByRole('dialog', { name: 'Create token' })
  await dialog.getByLabel('Purpose').fill('Watch the roles')
  await dialog.getByText('Selected permissions').click()
  await dialog.getByRole('combobox', { name: 'Add one of your permissions' }).click()
  await page.getByRole('option', { name: 'May read /api/roles/#' }).click()
  await dialog.getByLabel('Operation in the console 1').selectOption('Read and change')
  await expect(dialog).toContainText('This exceeds your own permissions.')
  const answer = page.waitForResponse((response) => response.url().endsWith('/api/tokens'))
  await dialog.getByRole('button', { name: 'Create', exact: true }).click()
  expect((await answer).status()).toBe(403)
  await expect(dialog).toContainText('This exceeds your own permissions.')
  expect((await browserCall(page)(tokens.list, {})).total).toBe(0)

  await dialog.getByLabel('Operation in the console 1').selectOption('Read')
  letMinutesPass(gatehouse, eva.username, 11)
  await dialog.getByRole('button', { name: 'Create', exact: true }).click()
  const proof = page.getByRole('dialog', { name: 'Confirm it is you' })
  await proof.getByLabel('Password', { exact: true }).fill(password)
  await proof.getByRole('button', { name: 'Confirm' }).click()
  const { token, line } = await takeToken(page)
  expect(line).toContain('/api/roles')
  const script = callWith(gatehouse.url, token)
  expect((await script(roles.list, {})).items.length).toBeGreaterThan(0)
  await call(users.update, { params: { id }, body: { permissions: [topic('line-3/#', 'read')] } })
  await expectRefusal(script(roles.list, {}), 'not_permitted')
})

test("an administrator lists a user's tokens on its page and revokes one; others cannot", async ({
  page,
  gatehouse,
  call,
  openBrowser,
}) => {
  const finn = { username: 'finn', password }
  const grantTypes = [{ method: 'password' as const }, { method: 'token' as const }]
  const { id } = await makeUser(call, { ...finn, grantTypes, permissions: [path('/api/roles/#', 'read')] })
  await enter(page, finn)
  const { token, ...made } = await browserCall(page)(tokens.create, { body: { label: 'dashboard', expiresAt: null } })
  const script = callWith(gatehouse.url, token)

  await test.step('a caller with fewer permissions sees it and cannot end it', async () => {
    const helper = { username: 'token-helper', password }
    await makePerson(call, helper, [path('/api/users/#', 'readWrite')])
    const there = await openBrowser()
    await enter(there, helper)
    const params = { id, tokenId: made.id }
    await expectRefusal(browserCall(there)(tokens.revokeOf, { params }), 'above_caller')
    expect((await script(roles.list, {})).items.length).toBeGreaterThan(0)
  })

  await test.step('an administrator can end it', async () => {
    await enter(page, admin)
    await page.goto(`/users/${id}?tab=sessions`)
    const row = page.getByRole('table', { name: 'Tokens of finn' }).getByRole('row').filter({ hasText: 'dashboard' })
    await expect(row).toContainText('All permissions of the user')
    await expect(row).toContainText('never')
    await expectAccessible(page)
    await row.getByRole('button', { name: 'Revoke dashboard' }).click()
    await page.getByRole('dialog', { name: 'Revoke dashboard?' }).getByRole('button', { name: 'Revoke' }).click()
    await expectDone(page, 'Token dashboard revoked.')
    await expect(page.getByRole('region', { name: 'Tokens' })).toContainText('None.')
    await expectRefusal(script(roles.list, {}), 'not_signed_in')
  })
})

test('a user without the token grant is told so', async ({ page, call }) => {
  const gus = { username: 'gus', password }
  await makePerson(call, gus)
  await enter(page, gus)
  await openPage(page, '/account/tokens', 'Tokens')
  await expectShut(page.getByRole('button', { name: 'Create token' }), 'Your account does not allow tokens')
  await expectRefusal(browserCall(page)(tokens.create, { body: { label: 'none' } }), 'no_token_grant')
  expect((await browserCall(page)(tokens.list, {})).items).toEqual([])
})
