/** The pages of the broker: live connections, disconnecting one, and the reasons of refusals; the publish prefix of a machine. */
import { broker } from '@gatehouse/contract/brokers/broker'
import { decisions } from '@gatehouse/contract/brokers/decisions'
import { users } from '@gatehouse/contract/identity/users'
import { chooseAction, expectDone, openAdvanced, openPage } from '../support/actions.ts'
import { enter, makePerson, path, topic } from '../support/api.ts'
import { expect, test } from '../support/fixtures.ts'
import { publish, subscribe } from '../support/mosquitto.ts'

const scale = { username: 'scale-1', password: 'only for this story' }

test.beforeAll(({ call }) => makePerson(call, scale, [topic('line-3/#', 'read')]))
test.beforeEach(({ page }) => enter(page))

test('shows a new connection without a reload, finds it, and disconnects it', async ({ page, gatehouse }) => {
  await openPage(page, '/broker/connections', 'Connections')
  await expect(page.getByRole('heading', { name: 'No clients connected' })).toBeVisible()
  await expect(page.getByRole('list', { name: 'Listeners' })).toContainText(new URL(gatehouse.mqttUrl).host)

  const client = subscribe({ url: gatehouse.mqttUrl, ...scale, clientId: 'scale-client' }, ['line-3/#'])
  await client.suback()
  const row = page.getByRole('table', { name: 'Connections' }).getByRole('row').filter({ hasText: 'scale-client' })
  await expect(row).toContainText('Password')
  await page.getByRole('searchbox', { name: 'Search connections' }).fill('nobody')
  await expect(page.getByRole('heading', { name: 'No results' })).toBeVisible()
  await page.getByRole('searchbox', { name: 'Search connections' }).fill('scale')
  await chooseAction(page, 'scale-1, scale-client', 'Disconnect…')
  const confirm = page.getByRole('dialog', { name: 'Disconnect scale-1?' })
  await confirm.getByRole('button', { name: 'Disconnect' }).click()
  await expectDone(page, 'scale-1 was disconnected.')
  await client.ended()
  await client.stop()
})

test('shows the session of a client, deletes it, and shows the limits of the broker', async ({ page, gatehouse }) => {
  const login = { url: gatehouse.mqttUrl, ...scale, clientId: 'scale-away' }
  const client = subscribe(login, ['line-3/#'])
  await client.suback()
  await openPage(page, '/broker/sessions?search=scale-away', 'MQTT sessions')
  const row = page.getByRole('table', { name: 'MQTT sessions' }).getByRole('row').filter({ hasText: 'scale-away' })
  await expect(row).toContainText('Connected')
  await chooseAction(page, 'scale-away', 'Delete…')
  const confirm = page.getByRole('dialog', { name: 'Delete the session of scale-away?' })
  await confirm.getByRole('button', { name: 'Delete' }).click()
  await expectDone(page, 'The session of scale-away was deleted.')
  await client.ended()
  await client.stop()
  await page.getByText('Broker limits').click()
  await expect(page.getByRole('row', { name: 'Subscriptions per session 1,000' })).toBeVisible()
})

test('finds retained messages by filter, shows a payload as JSON and hex, and deletes one', async ({
  page,
  gatehouse,
  call,
}) => {
  const sender = { username: 'scale-2', password: 'only for this story' }
  await makePerson(call, sender, [topic('line-3/#', 'write')])
  const login = { url: gatehouse.mqttUrl, ...sender }
  for (const [name, payload] of Object.entries({ a: '{"weight":12.50}', b: 'on' })) {
    await publish(login, `line-3/scale/${name}`, payload, { retain: true })
  }
  await openPage(page, '/broker/retained', 'Retained messages')
  await page.getByRole('searchbox', { name: 'Topic filter' }).fill('line-3/scale/#')
  const rows = page.getByRole('table', { name: 'Retained messages' }).getByRole('row')
  await expect(rows).toHaveCount(3)
  await page.getByRole('link', { name: 'line-3/scale/a' }).click()
  const dialog = page.getByRole('dialog', { name: 'Retained message' })
  await expect(dialog.locator('pre')).toHaveText('{\n  "weight": 12.50\n}')
  await dialog.getByText('Hex', { exact: true }).click()
  await expect(dialog.locator('pre')).toContainText('0000  7b 22 77')
  await dialog.getByRole('button', { name: 'Close' }).last().click()
  await page.getByRole('checkbox', { name: 'Select line-3/scale/b' }).check()
  await page.getByRole('region', { name: 'Selected rows' }).getByRole('button', { name: 'Delete…' }).click()
  const confirm = page.getByRole('dialog', { name: 'Delete the retained message of line-3/scale/b?' })
  await confirm.getByRole('button', { name: 'Delete' }).click()
  await expectDone(page, '1 message was deleted.')
  await expect(rows).toHaveCount(2)
})

test('shows new decisions without a reload, filters them in the URL, and links to what can be changed', async ({
  page,
  gatehouse,
  call,
}) => {
  await openPage(page, '/broker/decisions', 'Decisions')
  const lines = page.getByRole('list', { name: 'Decisions' }).getByRole('listitem')
  const login = { url: gatehouse.mqttUrl, username: 'a secret', password: 'a guess', clientId: 'scale-9' }
  const stranger = subscribe(login, ['a'])
  expect(await stranger.connack()).toBe(4)
  const line = lines.filter({ hasText: 'scale-9' })
  // It may be a password in the wrong field.
  await expect(line).toContainText('A client with an unknown username of 8 characters')
  await expect(line).toContainText('Unknown user.')
  await expect(lines.filter({ hasText: 'a secret' })).toHaveCount(0)
  await page.getByRole('combobox', { name: 'Outcome' }).click()
  await page.getByRole('option', { name: 'Refused' }).click()
  await expect(page).toHaveURL(/outcome=refused/)
  await page.reload()
  await expect(line).toHaveCount(1)
  await expect(lines.filter({ hasText: 'Admitted' })).toHaveCount(0)

  const known = subscribe({ url: gatehouse.mqttUrl, ...scale, password: 'a guess' }, ['a'])
  expect(await known.connack()).toBe(4)
  const wrong = lines.filter({ hasText: 'scale-1' }).first()
  await expect(wrong).toContainText('Wrong username or password.')
  await wrong.getByRole('link', { name: 'Edit scale-1' }).click()
  await expect(page.getByRole('dialog', { name: 'Edit user' })).toContainText('scale-1')
  await page.goBack()
  await expect(page).toHaveURL(/decisions\?outcome=refused/)
  expect((await call(broker.connections, {})).total).toBe(0)
})

test('shows the decisions about a user in the history, within a time range and as a file', async ({
  page,
  gatehouse,
  call,
}) => {
  const wrong = subscribe({ url: gatehouse.mqttUrl, ...scale, password: 'a guess', clientId: 'scale-history' }, ['a'])
  expect(await wrong.connack()).toBe(4)
  const ofScale = { search: { search: 'scale-history' } } as const
  await expect.poll(async () => (await call(decisions.list, ofScale)).items, { timeout: 30_000 }).toHaveLength(1)

  await openPage(page, '/users?search=scale-1', 'Users')
  await chooseAction(page, 'scale-1', 'Decisions')
  await expect(page.getByRole('link', { name: 'History' })).toHaveAttribute('aria-current', 'page')
  await expect(page.getByText('Only decisions about scale-1')).toBeVisible()
  const line = page.getByRole('listitem').filter({ hasText: 'scale-history' })
  await expect(line).toContainText('Wrong username or password.')
  await page.getByLabel('From').fill('2199-01-01T00:00')
  await page.getByLabel('From').press('Enter')
  await expect(page.getByRole('heading', { name: 'No results' })).toBeVisible()
  await page.getByRole('button', { name: 'Download' }).click()
  const file = page.getByRole('menuitem', { name: 'CSV, for a spreadsheet' })
  await expect(file).toHaveAttribute('href', /history\?.*username.*scale-1.*format=csv/)
})

test('disables Disconnect for an operator who may only read; the API refuses, and the machine stays connected', {
  tag: '@all',
}, async ({ page, gatehouse, call, context }) => {
  const watcher = { username: 'watcher', password: 'only for this story' }
  await makePerson(call, watcher, [path('/api/broker/#', 'read')])
  const client = subscribe({ url: gatehouse.mqttUrl, ...scale, clientId: 'scale-client' }, ['line-3/#'])
  await client.suback()
  await context.clearCookies()
  await enter(page, watcher)
  await openPage(page, '/broker/connections', 'Connections')
  await page.getByRole('button', { name: 'Actions for scale-1, scale-client' }).click()
  const item = page.getByRole('menuitem', { name: 'Disconnect…' })
  await expect(item).toHaveAttribute('aria-disabled', 'true')
  await expect(item).toContainText('You need the permission to change /api/broker/connections/+.')
  const [connection] = (await call(broker.connections, {})).items
  const headers = { 'X-Requested-With': 'gatehouse' }
  const answer = await page.request.delete(`/api/broker/connections/${connection?.id}`, { headers })
  expect(await answer.json()).toMatchObject({ status: 403, code: 'not_permitted' })
  expect((await call(broker.connections, {})).items).toMatchObject([{ id: connection?.id, subscriptions: 1 }])
  await client.stop()
})

test('a publish prefix applies to the next message after Edit User sets it', { tag: '@all' }, async ({
  page,
  gatehouse,
  call,
}) => {
  const press = { username: 'press-1', password: 'only for this story' }
  const screen = { username: 'screen', password: 'only for this story' }
  const { id } = await makePerson(call, press, [topic('line-3/press-1/#', 'write')])
  await makePerson(call, screen, [topic('#', 'read')])
  const url = gatehouse.mqttUrl
  expect(await publish({ url, ...press }, 'temp', 'too early')).toMatchObject({ connack: 0 })

  const dialog = await openAdvanced(page, 'press-1')
  const field = dialog.getByLabel('MQTT publish prefix')
  await field.fill('line-3/+/')
  await field.blur()
  await expect(dialog).toContainText('Not a topic. No + or #, and no $ at the beginning.')
  await field.fill('line-3/press-1/')
  await expect(dialog).toContainText('A message to temp is published to line-3/press-1/temp')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expectDone(page, 'User press-1 updated.')

  const seen = subscribe({ url, ...screen }, ['#'])
  await seen.suback()
  expect(await publish({ url, ...press }, 'temp', '21.5')).toMatchObject({ code: 0 })
  expect(await seen.message('line-3/press-1/temp')).toMatchObject({ payload: '21.5' })
  expect(await publish({ url, ...press }, 'line-3/press-1/temp', '22')).toMatchObject({ code: 0 })
  expect(await seen.message('line-3/press-1/line-3/press-1/temp')).toMatchObject({ payload: '22' })
  await seen.stop()
  // Without the retained message of an earlier story.
  const sent = seen.timeline.events.filter((event) => event.kind === 'message' && !event.isRetained)
  expect(sent).toHaveLength(2)
  expect(await call(users.view, { params: { id } })).toMatchObject({ mqttPublishPrefix: 'line-3/press-1/' })

  // The first message was not permitted without the prefix: the broker closed the connection and shows it.
  await page.goto('/broker/decisions?search=press-1')
  const refused = page.getByRole('listitem').filter({ hasText: 'The user may not publish to this topic' })
  await expect(refused).toHaveCount(1)
  await expect(refused).toContainText('topic temp')
})
