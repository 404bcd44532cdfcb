/** The first steps of a new installation: a file of its own, because its server must be empty. */
import { users } from '@gatehouse/contract/identity/users'
import { expectAccessible } from '../support/accessibility.ts'
import { openPage } from '../support/actions.ts'
import { enter, makeUser, topic } from '../support/api.ts'
import { expect, test } from '../support/fixtures.ts'
import { subscribe } from '../support/mosquitto.ts'

test('guides a new installation to its first connected device, and then stays away', async ({
  page,
  call,
  gatehouse,
}) => {
  await enter(page)
  await openPage(page, '/', 'Overview')
  const steps = page.getByRole('region', { name: 'First steps' })
  const step = (title: string) => steps.getByRole('listitem').filter({ hasText: title })
  await expect(steps.getByRole('listitem')).toHaveCount(4)
  await expect(page.getByRole('heading', { name: 'Over time' })).toHaveCount(0)
  await expectAccessible(page)
  await step('Add a device').getByRole('link', { name: 'Add device' }).click()
  await expect(page.getByRole('dialog', { name: 'Add device' })).toBeVisible()

  const device = { username: 'device001', password: 'only for this story' }
  const permissions = [topic('line-3/#', 'read')]
  await makeUser(call, { ...device, kind: 'machine', mustChangePassword: false, permissions })
  await openPage(page, '/', 'Overview')
  await expect(step('Add a device')).toContainText('Done')
  await expect(step('Allow its topics')).toContainText('Done')
  await step('Give it a certificate').getByRole('button', { name: 'Issue certificate' }).click()
  await expect(page.getByRole('dialog', { name: 'Issue certificate' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(step('Connect it')).toContainText('Waiting for device001')
  const client = subscribe({ url: gatehouse.mqttUrl, ...device }, ['line-3/#'])
  await client.connack()
  await expect(step('Connect it')).toContainText('device001 is connected.')
  await client.stop()
  // The server writes the last sign-in of devices in batches.
  const found = () => call(users.list, { search: { 'username[eq]': 'device001' } })
  await expect.poll(async () => (await found()).items[0]?.lastSignInAt ?? null).not.toBeNull()
  await openPage(page, '/', 'Overview')
  await expect(page.getByRole('region', { name: 'Needs attention' })).toBeVisible()
  await expect(steps).toHaveCount(0)
})
