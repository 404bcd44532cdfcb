/** Policies: a change applies at once, also to open sessions and pages, and only administrators can make it. */

import { sessions } from '@gatehouse/contract/identity/sessions'
import { users } from '@gatehouse/contract/identity/users'
import { settings } from '@gatehouse/contract/operations/settings'
import type { Page } from '@playwright/test'
import { expectAccessible } from '../support/accessibility.ts'
import { expectDone, expectRefusal, openPage, signIn } from '../support/actions.ts'
import { browserCall, enter, makeMachine, makePerson, makeRole, makeUser, path, topic } from '../support/api.ts'
import { openAuthenticator } from '../support/authenticator.ts'
import { expect, test } from '../support/fixtures.ts'
import { subscribe } from '../support/mosquitto.ts'
import { beginEnrolment, confirmSaved, readBackupCodes, typeCode } from '../support/second-factor.ts'
import { letMinutesPass } from '../support/time.ts'

// Long enough for every policy in these tests.
const password = 'only for the stories of policies'
const address = '/settings/policies'
const saved = 'Policies saved.'

test('applies a longer password and a shorter idle time at once', async ({ page, gatehouse, call, openBrowser }) => {
  const ada = { username: 'ada', password }
  await makePerson(call, ada)
  const other = await (await openBrowser()).newPage()
  await signIn(other, ada)
  await openPage(other, '/account/password', 'Password')
  await enter(page)
  await openPage(page, address, 'Policies')
  const least = page.getByLabel('Minimum length (characters)', { exact: true })
  const idle = page.getByLabel('Idle timeout (minutes)')

  await test.step('refuses invalid values', async () => {
    await least.fill('7')
    await save(page)
    await expect(page.getByText('Too small.')).toBeVisible()
    expect(await call(settings.view, {})).toMatchObject({ password: { min: 15 }, version: 1 })
  })

  await test.step('merges a change by another person and keeps what was typed', async () => {
    await least.fill('21')
    await idle.fill('5')
    const { password: rules, throttle } = await call(settings.view, {})
    await call(settings.update, {
      body: { password: { ...rules, min: 18 }, throttle: { ...throttle, freeFailures: 7 } },
    })
    await save(page)
    const panel = page.getByRole('alert')
    await expect(panel).toContainText('Someone else saved first.')
    await expect(panel.getByRole('definition').filter({ hasText: '7' })).toBeVisible()
    await expect(page.getByLabel('Attempts before lockout')).toHaveValue('7')
    await expect(idle).toHaveValue('5')
    expect(await call(settings.view, {})).toMatchObject({ session: { idleMinutes: 30 }, version: 2 })
    await expect(panel).toContainText('You both changed Minimum length (characters).')
    await expectAccessible(page)
    await panel.getByText('Theirs: 18').click()
    await expect(least).toHaveValue('18')
    await panel.getByText('Mine: 21').click()
    await expect(least).toHaveValue('21')
  })

  await least.fill('20')
  await idle.fill('5')
  await save(page)
  await expectDone(page, saved)

  await test.step('a page that was open before shows the old rule; the server applies the new one', async () => {
    await other.getByLabel('Current password').fill(password)
    await other.getByLabel('New password', { exact: true }).fill('seventeen letters')
    await other.getByLabel('Confirm new password').fill('seventeen letters')
    await other.getByRole('main').getByRole('button', { name: 'Change password' }).click()
    await expect(other.getByRole('main')).toContainText('Too short.')
    await other.reload()
    await expect(other.getByRole('list', { name: 'Rules for the new password' })).toContainText(
      'At least 20 characters',
    )
  })

  await test.step('an open session ends by the new rule', async () => {
    letMinutesPass(gatehouse, ada.username, 4)
    await browserCall(other)(sessions.list, {})
    letMinutesPass(gatehouse, ada.username, 6)
    await other.getByRole('navigation', { name: 'Account' }).getByRole('link', { name: 'Sessions' }).click()
    await expect(other.getByRole('button', { name: 'Sign in' })).toBeVisible()
    await signIn(other, ada)
  })
})

test('keeps audit events for ever, or for at least a month', { tag: '@all' }, async ({ page, call }) => {
  await enter(page)
  await openPage(page, address, 'Policies')
  const choice = page.getByRole('radiogroup', { name: 'Audit retention' })
  await expect(choice.getByRole('radio', { name: 'Forever' })).toBeChecked()
  await choice.getByText('Limited').click()
  const days = page.getByLabel('Deleted after (days)', { exact: true })
  await expect(days).toHaveValue('365')
  await days.fill('29')
  await save(page)
  await expect(page.getByText('Too small.')).toBeVisible()
  expect((await call(settings.view, {})).audit).toEqual({ keepDays: null })
  await days.fill('90')
  await save(page)
  await expectDone(page, saved)
  expect((await call(settings.view, {})).audit).toEqual({ keepDays: 90 })
})

test('disables the page for users who may only read, and hides it from others', { tag: '@all' }, async ({
  page,
  call,
  openBrowser,
}) => {
  const reader = { username: 'reader', password }
  const operator = { username: 'operator', password }
  // A permission on the path is not enough: only administrators change policies.
  await makePerson(call, reader, [path('/api/settings', 'readWrite')])
  await makePerson(call, operator, [path('/api/users/#', 'readWrite')])
  const before = await call(settings.view, {})
  await enter(page, reader)
  await openPage(page, address, 'Policies')
  await expect(page.getByRole('main')).toContainText(
    'Only administrators can change this. It needs every permission, as the role gatehouse-admin has.',
  )
  await expect(page.getByLabel('Minimum length (characters)')).not.toBeEditable()
  await expect(page.getByRole('button', { name: 'Save' })).toHaveCount(0)

  const other = await (await openBrowser()).newPage()
  await enter(other, operator)
  await other.goto(address)
  await expect(other.getByText('You may not do this.')).toBeVisible()
  await expect(other.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Overview' })).toBeVisible()
  await expect(other.getByRole('link', { name: 'Policies' })).toHaveCount(0)
  await expectRefusal(browserCall(other)(settings.view, {}), 'not_permitted')

  const body = { session: { idleMinutes: 1, absoluteHours: 1 } }
  for (const each of [page, other]) {
    await expectRefusal(browserCall(each)(settings.update, { body }), 'not_permitted')
  }
  expect(await call(settings.view, {})).toEqual(before)
})

test('requires a second factor of chosen roles, and of everyone', { tag: '@all' }, async ({
  page,
  gatehouse,
  call,
  openBrowser,
}) => {
  const role = await makeRole(call, 'line-lead', [topic('line-3/#', 'read')])
  const lead = { username: 'lead', password }
  const worker = { username: 'worker', password }
  await makeUser(call, { ...lead, roles: [role] })
  await makePerson(call, worker)
  const machine = await makeMachine(call, 'press-7')
  const [ofLead, ofWorker] = [await (await openBrowser()).newPage(), await (await openBrowser()).newPage()]
  for (const [one, credentials] of [
    [ofLead, lead],
    [ofWorker, worker],
  ] as const) {
    await enter(one, credentials)
    await openPage(one, '/account/password', 'Password')
  }
  await enter(page)
  await openPage(page, address, 'Policies')

  await test.step('of chosen roles', async () => {
    await requireFor(page, 'Chosen roles')
    await page.getByRole('combobox', { name: 'Roles that require MFA' }).click()
    await page.getByRole('option', { name: 'line-lead' }).click()
    await page.keyboard.press('Escape')
    await save(page)
    await expectDone(page, saved)
    await expectConfined(ofLead)
    await browserCall(ofWorker)(sessions.list, {})
  })

  await test.step('on MQTT the password alone is enough', async () => {
    const client = subscribe({ url: gatehouse.mqttUrl, ...lead }, ['line-3/#'])
    expect(await client.connack()).toBe(0)
    await client.stop()
  })

  await test.step('of everyone: the administrator too, but not machines', async () => {
    await requireFor(page, 'Everyone')
    await expect(page.getByRole('main')).toContainText('You have not set it up.')
    await save(page)
    await expect(page.getByRole('heading', { name: 'Set up multi-factor authentication' })).toBeVisible()
    await expectConfined(ofWorker)
    await expectRefusal(call(users.view, { params: { id: machine.id } }), 'stage_not_allowed')
    await typeCode(page, await openAuthenticator((await beginEnrolment(page)).secret).code())
    await readBackupCodes(page)
    await confirmSaved(page)
    await expect(page.getByRole('heading', { name: 'Policies' })).toBeVisible()
    const own = browserCall(page)
    expect(await own(users.view, { params: { id: machine.id } })).toMatchObject({ mfa: { demanded: false } })
  })

  await test.step('removing the policy applies at once', async () => {
    await requireFor(page, 'No one')
    await save(page)
    // The script's token was made without the factor and ended when it was set up.
    await expect.poll(async () => (await browserCall(page)(settings.view, {})).mfa.requiredFor).toBe('nobody')
    await browserCall(ofWorker)(sessions.list, {})
    await ofLead.reload()
    await expect(ofLead.getByRole('button', { name: 'Account of lead' })).toBeVisible()
  })
})

async function save(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Save' }).click()
}

async function requireFor(page: Page, whom: string): Promise<void> {
  await page.getByRole('radiogroup', { name: 'Required for' }).getByText(whom).click()
}

/** At the next step in that browser, whatever its address is. */
async function expectConfined(page: Page): Promise<void> {
  await expectRefusal(browserCall(page)(sessions.list, {}), 'stage_not_allowed')
  await page.getByRole('navigation', { name: 'Account' }).getByRole('link', { name: 'Sessions' }).click()
  await expect(page.getByRole('heading', { name: 'Set up multi-factor authentication' })).toBeVisible()
}
