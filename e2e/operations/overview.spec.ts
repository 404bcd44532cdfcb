/** The overview: first steps of a new installation, what needs attention with links, and activity over time. */
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { overview } from '@gatehouse/contract/operations/overview'
import { makeAuthority } from '@gatehouse/pki/testing/certificates'
import type { Page } from '@playwright/test'
import { expectAccessible } from '../support/accessibility.ts'
import { openPage } from '../support/actions.ts'
import { browserCall, enter, makePerson, makeUser, path } from '../support/api.ts'
import { expect, test } from '../support/fixtures.ts'
import { subscribe } from '../support/mosquitto.ts'

const password = 'only for this story'
const attention = (page: Page) => page.getByRole('region', { name: 'Needs attention' })
const rows = (page: Page, table: string) =>
  page.getByRole('table', { name: table }).getByRole('rowgroup').nth(1).getByRole('row')
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000)

test('counts what needs attention, and links to it', async ({ page, call, gatehouse }) => {
  const soon = [5, 20, 50].map((days) => makeAuthority({ subject: `In ${days} days`, notAfter: inDays(days) }))
  await call(authorities.create, { body: { certificates: soon.map((one) => one.certificatePem).join('') } })
  for (const username of ['ada', 'bob']) await makeUser(call, { username, password, mfaRequired: true })
  const stranger = subscribe({ url: gatehouse.mqttUrl, username: 'stranger', password: 'a guess' }, ['a'])
  await stranger.connack()
  await enter(page)
  await openPage(page, '/', 'Overview')
  await expect(attention(page).getByRole('listitem')).toHaveCount(5)
  const next = page.getByRole('region', { name: 'Next expiries' })
  await expect(next.getByRole('listitem').first()).toHaveText(/^In 5 days.*[45] days left$/)
  await expect(next.getByRole('figure')).toContainText('Authorities 3')

  for (const [sentence, table, names] of [
    ['1 CA expires within 7 days', 'Authorities', ['In 5 days']],
    ['3 CAs expire within 60 days', 'Authorities', ['In 20 days', 'In 5 days', 'In 50 days']],
    ['2 users have not set up required MFA', 'Users', ['ada', 'bob']],
  ] as const) {
    await attention(page).getByRole('link', { name: sentence }).click()
    await expect(rows(page, table)).toHaveCount(names.length)
    for (const name of names) await expect(page.getByRole('table', { name: table })).toContainText(name)
    await page.goBack()
  }
  await attention(page).getByRole('link', { name: '1 refusal in the last hour' }).click()
  await expect(page.getByRole('list', { name: 'Decisions' }).getByRole('listitem')).toHaveCount(1)
  await expect(page.getByRole('list', { name: 'Decisions' })).toContainText(
    'A client with an unknown username of 8 characters',
  )
  await expect(page.getByRole('main')).toContainText('Only since')
})

test('draws activity, and keeps the range in the address', async ({ page, call, gatehouse }) => {
  const carol = { username: 'carol', password }
  await makePerson(call, carol)
  const client = subscribe({ url: gatehouse.mqttUrl, ...carol }, ['a'])
  await client.connack()
  await enter(page)
  const chart = page.getByRole('figure', { name: 'MQTT sign-ins' })
  // Reported every few seconds.
  await expect.poll(async () => (await call(overview.activity, {})).broker?.admitted).toContain(1)
  await openPage(page, '/', 'Overview')
  await expect(chart.locator('figcaption')).toContainText('Admitted 1')
  await expect(chart.getByRole('img').locator('canvas')).toBeVisible()
  await chart.getByText('View as table').click()
  await expect(rows(page, 'MQTT sign-ins').first().getByRole('cell').first()).toHaveText('1')
  await expect(page.getByRole('figure', { name: 'Live connections' }).locator('figcaption')).toContainText('Maximum 1')
  await page.getByText('30 days', { exact: true }).click()
  await expect(page).toHaveURL(/range=month/)
  await expectAccessible(page)
  await client.stop()
  await page.reload()
  await expect(page.getByRole('radio', { name: '30 days' })).toBeChecked()
  await expect(chart.locator('figcaption')).toContainText('Admitted 1')
})

test('shows only what the user may read, on the page and by the API', async ({ page, call }) => {
  const dora = { username: 'dora', password }
  await makePerson(call, dora, [path('/api/users/#', 'read')])
  await makePerson(call, { username: 'nobody', password })
  await enter(page, dora)
  await openPage(page, '/', 'Overview')
  await expect(page.getByRole('region', { name: 'At a glance' }).getByRole('listitem')).toHaveCount(1)
  await expect(page.getByRole('heading', { name: 'Over time' })).toHaveCount(0)
  await expect(attention(page)).not.toContainText('authorit')
  expect(await browserCall(page)(overview.view, {})).toMatchObject({ authorities: null, broker: null, refusals: null })
  await enter(page, { username: 'nobody', password })
  await openPage(page, '/', 'Overview')
  await expect(page.getByRole('main')).toContainText('You have no console permissions. Contact an administrator.')
  const silence = { connections: null, broker: null, console: null }
  expect(await browserCall(page)(overview.activity, {})).toMatchObject(silence)
})

test('hides the navigation behind a button on a phone, and returns the focus', async ({ page }) => {
  await page.setViewportSize({ width: 375, height: 812 })
  await enter(page)
  await openPage(page, '/', 'Overview')
  const opener = page.getByRole('button', { name: 'Open navigation' })
  await opener.press('Enter')
  const drawer = page.getByRole('dialog')
  await page.keyboard.press('Escape')
  await expect(drawer).toBeHidden()
  await expect(opener).toBeFocused()
  await opener.click()
  await drawer.getByRole('link', { name: 'Roles' }).click()
  await expect(page.getByRole('heading', { name: 'Roles' })).toBeVisible()
  await expect(drawer).toBeHidden()
})
