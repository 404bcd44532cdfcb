/** An administrator requires a second factor of a user, and turns it off for a user who lost the phone. */

import { roles } from '@gatehouse/contract/access/roles'
import { mfa } from '@gatehouse/contract/identity/second-factors'
import { sessions } from '@gatehouse/contract/identity/sessions'
import { users } from '@gatehouse/contract/identity/users'
import {
  admin,
  enterCredentials,
  expectDone,
  expectRefusal,
  expectShut,
  goTo,
  openPage,
  signIn,
  signOut,
} from '../support/actions.ts'
import { browserCall, enter, makePerson, makeUser, path, scriptCall, topic } from '../support/api.ts'
import { enrol, openAuthenticator } from '../support/authenticator.ts'
import { expect, test } from '../support/fixtures.ts'
import { isAll } from '../support/long-run.ts'
import { subscribe } from '../support/mosquitto.ts'
import { beginEnrolment, confirmSaved, enterPassword, readBackupCodes, typeCode } from '../support/second-factor.ts'
import { letMinutesPass } from '../support/time.ts'

const password = 'only for this story'
const due = { name: 'Set up multi-factor authentication' }

test('applies to the open session, and cannot be turned off by the user', async ({
  page,
  gatehouse,
  call,
  openBrowser,
}) => {
  const ada = { username: 'ada', password }
  const grantTypes = [{ method: 'password' as const }, { method: 'token' as const }]
  const { id } = await makeUser(call, { ...ada, grantTypes, permissions: [topic('line-3/#', 'read')] })
  const other = await (await openBrowser()).newPage()
  await enter(other, ada)
  const own = browserCall(other)
  await openPage(other, '/account/password', 'Password')

  await test.step('MFA, Enable, Update', async () => {
    await enter(page)
    await page.goto(`/users?edit=${id}`)
    const dialog = page.getByRole('dialog', { name: 'Edit user' })
    await dialog.getByRole('button', { name: 'Require', exact: true }).click()
    await expect(dialog).toContainText('Not saved yet.')
    await own(sessions.list, {})
    await dialog.getByRole('button', { name: 'Save' }).click()
    await expectDone(page, 'User ada updated.')
    await expect(page.getByRole('row', { name: 'ada' })).toContainText('required, not set up')
  })

  await test.step('the open session can only enrol; MQTT is not affected', async () => {
    await expectRefusal(own(sessions.list, {}), 'stage_not_allowed')
    await other.getByRole('navigation', { name: 'Account' }).getByRole('link', { name: 'Sessions' }).click()
    await expect(other.getByRole('heading', due)).toBeVisible()
    await other.goto('/account/password')
    await expect(other.getByRole('heading', due)).toBeVisible()
    await expectRefusal(scriptCall(gatehouse.url, ada), 'login_incomplete')
    const client = subscribe({ url: gatehouse.mqttUrl, ...ada }, ['line-3/#'])
    expect(await client.suback()).toEqual([0])
    await client.stop()
  })

  await test.step('after enrolling the page continues, and the factor cannot be turned off', async () => {
    await typeCode(other, await openAuthenticator((await beginEnrolment(other)).secret).code())
    const [backupCode = ''] = await readBackupCodes(other)
    await confirmSaved(other)
    await expect(other.getByRole('heading', { name: 'Password', level: 1 })).toBeVisible()
    await openPage(other, '/account/mfa', 'Multi-factor authentication')
    await expectShut(
      other.getByRole('button', { name: 'Disable multi-factor authentication' }),
      'MFA is required for your account, so you cannot disable it.',
    )
    await expectRefusal(own(mfa.disable, { body: { backupCode } }), 'mfa_required')
    expect(await own(mfa.view, {})).toMatchObject({ enabled: true, backupCodesLeft: 10 })
  })

  await test.step('applies at the next sign-in to a user who is not signed in', async () => {
    const bob = { username: 'bob', password }
    await makeUser(call, { ...bob, mfaRequired: true })
    await signOut(other, ada)
    await enterCredentials(other, bob)
    await expect(other.getByRole('heading', due)).toBeVisible()
    await other.getByRole('button', { name: 'Sign out' }).click()
    await expect(other.getByRole('button', { name: 'Sign in' })).toBeVisible()
  })
})

test('asks for the enrolment in front of an open form, and sends the form after it', async ({ page, call }) => {
  const eve = { username: 'eve', password }
  const { id } = await makePerson(call, eve, [path('/api/roles/#', 'readWrite')])
  await enter(page, eve)
  await page.goto('/roles?create=')
  const dialog = page.getByRole('dialog', { name: 'Add role' })
  await dialog.getByLabel('Name').fill('too-late')
  await call(users.update, { params: { id }, body: { mfaRequired: true } })
  await dialog.getByRole('button', { name: 'Create' }).click()
  await expect(page.getByRole('dialog', due)).toContainText('What you entered on this page is kept.')
  await expect(page.locator('#root')).toHaveAttribute('inert')
  expect((await call(roles.list, { search: { search: 'too-late' } })).items).toEqual([])
  const { secret } = await beginEnrolment(page)
  await typeCode(page, await openAuthenticator(secret).code())
  await confirmSaved(page)
  await expectDone(page, 'too-late')
})

test('turns a lost factor off, with a reason and only for callers who may', async ({
  page,
  gatehouse,
  call,
  openBrowser,
}) => {
  const cleo = { username: 'cleo', password }
  const operator = { username: 'operator', password }
  const reader = { username: 'reader', password }
  const { id } = await makePerson(call, cleo, [topic('line-3/#', 'read')])
  await makePerson(call, operator, [path('/api/users/#', 'readWrite')])
  await makePerson(call, reader, [path('/api/users/#', 'read')])
  const other = await (await openBrowser()).newPage()
  await enter(other, cleo)
  const { app } = await enrol(browserCall(other))
  await openPage(other, '/account/password', 'Password')
  const turnOff = page.getByRole('button', { name: 'Disable multi-factor authentication…' })

  await test.step('refuses a caller who may only read, and one with fewer permissions than the user', async () => {
    await enter(page, reader)
    await page.goto(`/users?edit=${id}`)
    await expectShut(turnOff, 'You need the permission to change')
    const reset = { params: { id }, body: { reason: 'none' } }
    await expectRefusal(browserCall(page)(mfa.reset, reset), 'not_permitted')
    await enter(page, operator)
    await expectRefusal(browserCall(page)(mfa.reset, reset), 'above_caller')
    expect(await call(users.view, { params: { id } })).toMatchObject({ mfa: { enabled: true } })
    await browserCall(other)(sessions.list, {})
  })

  await test.step('an administrator gives a reason and proves the own identity', async () => {
    await enter(page)
    letMinutesPass(gatehouse, admin.username, 11)
    await page.goto(`/users/${id}`)
    await turnOff.click()
    const confirm = page.getByRole('dialog', { name: 'Disable multi-factor authentication of cleo?' })
    await expect(confirm).toContainText('1 console session ends')
    const action = confirm.getByRole('button', { name: 'Disable multi-factor authentication' })
    await expect(action).toBeDisabled()
    await confirm.getByLabel('Reason, for the audit log').fill('Phone lost on the ferry')
    await action.click()
    const proof = page.getByRole('dialog', { name: 'Confirm it is you' })
    await proof.getByLabel('Password', { exact: true }).fill(admin.password)
    await proof.getByRole('button', { name: 'Confirm' }).click()
    await expectDone(page, 'Multi-factor authentication of cleo is off.')
    await expect(turnOff).toHaveCount(0)
  })

  await test.step('the session has ended, and the next sign-in tells the user', async () => {
    const notice = other
      .getByRole('status')
      .filter({ hasText: 'An administrator disabled your multi-factor authentication.' })
    await other.getByRole('navigation', { name: 'Account' }).getByRole('link', { name: 'Sessions' }).click()
    await enterCredentials(other, cleo)
    await expect(notice).toBeVisible()
    await other.reload()
    await expect(notice).toBeVisible()
    await notice.getByRole('button', { name: 'Dismiss' }).click()
    await signOut(other, cleo)
    await signIn(other, cleo)
    await expect(notice).toHaveCount(0)
  })

  if (isAll)
    await test.step('the old app does not work for the new factor', async () => {
      const next = await enrol(browserCall(other))
      await signOut(other, cleo)
      await enterPassword(other, cleo)
      await typeCode(other, await app.code(1))
      await expect(other.getByRole('alert')).toContainText('Wrong code.')
      await typeCode(other, await next.app.code(1))
      await expect(other.getByRole('button', { name: 'Account of cleo' })).toBeVisible()
    })

  await test.step('the audit records who, for whom and why', async () => {
    await goTo(page, '/audit?action=mfa.reset', 'Audit')
    const rows = page.getByRole('table', { name: 'Audit' }).getByRole('row')
    await expect(rows).toHaveCount(2)
    await rows.nth(1).getByRole('link').first().click()
    const event = page.getByRole('dialog', { name: 'MFA disabled by an administrator' })
    for (const fact of [admin.username, cleo.username, 'Phone lost on the ferry']) {
      await expect(event).toContainText(fact)
    }
  })
})
