/** Own sessions and the own password: which sessions end, and when a recent proof is needed. */

import { sessions } from '@gatehouse/contract/identity/sessions'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import type { Page } from '@playwright/test'
import { expectAccessible } from '../support/accessibility.ts'
import { enterCredentials, expectDone, expectRefusal, openPage, signIn, signOut } from '../support/actions.ts'
import { browserCall, enter, makePerson, makeUser, path } from '../support/api.ts'
import { enrol } from '../support/authenticator.ts'
import { expect, test } from '../support/fixtures.ts'
import { expectWrongCode, typeCode } from '../support/second-factor.ts'
import { letMinutesPass } from '../support/time.ts'

const password = 'only for this story'

test('shows the other browser and ends it; it returns to the same page after signing in', async ({
  page,
  call,
  openBrowser,
}) => {
  const ada = { username: 'ada', password }
  await makePerson(call, ada, [path('/api/roles/#', 'read')])
  await makePerson(call, { username: 'bob', password })
  const other = await (await openBrowser()).newPage()
  await signIn(other, ada)
  await openPage(other, '/roles?search=admin', 'Roles')
  await enter(page, ada)
  await openPage(page, '/account/sessions', 'Sessions')
  const table = page.getByRole('table', { name: 'Sessions' })
  await expect(table.getByRole('row').filter({ hasText: 'Current session' })).toHaveCount(1)
  const there = table.getByRole('row').filter({ hasText: 'Chrome on' }).filter({ hasNotText: 'Current session' })
  await expect(there).toContainText('127.0.0.1')

  await test.step('another user cannot end it', async () => {
    const stranger = await openBrowser()
    await enter(stranger, { username: 'bob', password })
    const [id = ''] = await idsOfOthers(page)
    await expectRefusal(browserCall(stranger)(sessions.end, { params: { id } }), 'not_found')
    expect(await idsOfOthers(page)).toEqual([id])
  })

  await test.step('a session that is ended here ends there at the next step', async () => {
    await there.getByRole('button', { name: 'End Chrome' }).click()
    await page.getByRole('dialog', { name: 'End this session?' }).getByRole('button', { name: 'End session' }).click()
    await expectDone(page, '1 session ended.')
    await expect(there).toHaveCount(0)
    await other.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Overview' }).click()
    await expect(other.getByRole('button', { name: 'Sign in' })).toBeVisible()
    await enterCredentials(other, ada)
    await expect(other.getByRole('heading', { name: 'Overview', level: 1 })).toBeVisible()
  })

  await test.step('ends all others at once', async () => {
    await page.reload()
    await page.getByRole('button', { name: 'End all others' }).click()
    const confirm = page.getByRole('dialog', { name: 'End all other sessions?' })
    await expect(confirm).toContainText('1 session ends')
    await confirm.getByRole('button', { name: 'End all others' }).click()
    await expect(table.getByRole('row').filter({ hasText: 'Chrome on' })).toHaveCount(1)
    await expectRefusal(browserCall(other)(sessions.list, {}), 'not_signed_in')
    await page.reload()
    await expect(table).toBeVisible()
  })
  await expectAccessible(page)
})

test('checks a new password while it is typed, and ends the other sessions', async ({ page, call, openBrowser }) => {
  const cleo = { username: 'cleo', password }
  const chosen = { ...cleo, password: 'nine slow ferries at dawn' }
  await makePerson(call, cleo)
  const other = await openBrowser()
  await enter(other, cleo)
  await signIn(page, cleo)
  await openPage(page, '/account/password', 'Password')
  const change = page.getByRole('button', { name: 'Change password' }).and(page.getByRole('main').getByRole('button'))
  const rules = page.getByRole('list', { name: 'Rules for the new password' })
  const fill = async (current: string, next: string, again = next) => {
    await page.getByLabel('Current password').fill(current)
    await page.getByLabel('New password', { exact: true }).fill(next)
    await page.getByLabel('Confirm new password').fill(again)
  }

  await fill(cleo.password, 'too short')
  await expect(rules).toContainText('At least 15 characters (not yet met)')
  await expect(change).toBeDisabled()
  await fill(cleo.password, chosen.password, `${chosen.password}!`)
  await expect(rules).toContainText('At least 15 characters (met)')
  await change.click()
  await expect(page.getByRole('main')).toContainText('The passwords do not match.')
  await fill('not the current one', chosen.password)
  await change.click()
  await expect(page.getByRole('main')).toContainText('Wrong password.')
  await browserCall(other)(session.view, {})

  await fill(cleo.password, chosen.password)
  await change.click()
  await expectDone(page, 'Password changed. Your other sessions have ended.')
  await expectRefusal(browserCall(other)(session.view, {}), 'not_signed_in')
  await signOut(page, cleo)
  await enterCredentials(page, cleo)
  await expect(page.getByRole('alert')).toContainText('Wrong username or password.')
  await signIn(page, chosen)
})

test('asks for the password or a code for a dangerous change ten minutes after the last proof', {
  tag: '@all',
}, async ({ page, gatehouse, call }) => {
  const carol = { username: 'carol', password }
  const [administrator = ''] = (await call(users.list, { search: { 'username[eq]': 'admin' } })).items[0]?.roles ?? []
  await makeUser(call, { ...carol, roles: [administrator] })
  const dora = await makePerson(call, { username: 'dora', password })
  const own = browserCall(page)
  const dialog = page.getByRole('dialog', { name: 'Set password' })
  const proof = page.getByRole('dialog', { name: 'Confirm it is you' })
  const version = async () => (await call(users.view, { params: { id: dora.id } })).version
  const setPassword = async () => {
    await page.goto(`/users?edit=${dora.id}`)
    await page.getByRole('button', { name: 'Set password…' }).click()
    await dialog.getByText('Enter one').click()
    await dialog.getByLabel('New password', { exact: true }).fill('given by an administrator')
    await dialog.getByRole('button', { name: 'Set password' }).click()
  }
  await signIn(page, carol)

  await test.step('the password; other activity does not count as a proof', async () => {
    letMinutesPass(gatehouse, carol.username, 9)
    await own(users.list, {})
    letMinutesPass(gatehouse, carol.username, 2)
    await setPassword()
    await proof.getByLabel('Password', { exact: true }).fill('not the right one')
    await proof.getByRole('button', { name: 'Confirm' }).click()
    await expect(proof.getByRole('alert')).toContainText('The password is wrong.')
    await proof.getByRole('button', { name: 'Cancel' }).click()
    await expect(dialog).toContainText('Nothing was changed.')
    expect(await version()).toBe(1)
  })

  await test.step('a code once there is a second factor', async () => {
    await own(session.prove, { body: { password } })
    const { app } = await enrol(own)
    letMinutesPass(gatehouse, carol.username, 11)
    await setPassword()
    await expectRefusal(own(session.prove, { body: { password } }), 'code_required')
    await typeCode(page, await app.wrongCode())
    await expectWrongCode(page)
    expect(await version()).toBe(1)
    await typeCode(page, await app.code())
    await expectDone(page, 'Password of dora set.')
  })

  await test.step('and then not again for ten minutes', async () => {
    letMinutesPass(gatehouse, carol.username, 9)
    await setPassword()
    await expect(dialog).toBeHidden()
    await expect(proof).toBeHidden()
    expect(await version()).toBe(3)
  })
})

async function idsOfOthers(page: Page): Promise<string[]> {
  return (await browserCall(page)(sessions.list, {})).items.filter(({ current }) => !current).map(({ id }) => id)
}
