/** The publish prefix: messages of a machine arrive below it, and are judged there. */
import { users } from '@gatehouse/contract/identity/users'
import { expectDone, openAdvanced } from '../support/actions.ts'
import { enter, makePerson, topic } from '../support/api.ts'
import { expect, test } from '../support/fixtures.ts'
import { publish, subscribe } from '../support/mosquitto.ts'

test('applies to the next message after Edit User sets it', async ({ page, gatehouse, call }) => {
  const press = { username: 'press-1', password: 'only for this story' }
  const screen = { username: 'screen', password: 'only for this story' }
  const { id } = await makePerson(call, press, [topic('line-3/press-1/#', 'write')])
  await makePerson(call, screen, [topic('#', 'read')])
  const url = gatehouse.mqttUrl
  expect(await publish({ url, ...press }, 'temp', 'too early')).toMatchObject({ connack: 0 })

  await enter(page)
  const dialog = await openAdvanced(page, 'press-1')
  const field = dialog.getByLabel('MQTT publish prefix')
  await field.fill('line-3/+/')
  await field.blur()
  await expect(dialog).toContainText('Not a topic: no + or #, and no $ at the beginning.')
  await field.fill('line-3/press-1/')
  await expect(dialog).toContainText('What it publishes to temp becomes line-3/press-1/temp')
  await dialog.getByRole('button', { name: 'Update' }).click()
  await expectDone(page, 'User press-1 updated.')

  const seen = subscribe({ url, ...screen }, ['#'])
  await seen.suback()
  expect(await publish({ url, ...press }, 'temp', '21.5')).toMatchObject({ code: 0 })
  expect(await seen.message('line-3/press-1/temp')).toMatchObject({ payload: '21.5' })
  expect(await publish({ url, ...press }, 'line-3/press-1/temp', '22')).toMatchObject({ code: 0 })
  expect(await seen.message('line-3/press-1/line-3/press-1/temp')).toMatchObject({ payload: '22' })
  await seen.stop()
  expect(seen.timeline.events.filter(({ kind }) => kind === 'message')).toHaveLength(2)
  expect(await call(users.view, { params: { id } })).toMatchObject({ mqttPublishPrefix: 'line-3/press-1/' })

  // The first message was not permitted without the prefix: the broker closed the connection and shows it.
  await page.goto('/broker/decisions?search=press-1')
  const refused = page.getByRole('listitem').filter({ hasText: 'The user may not publish to this topic' })
  await expect(refused).toHaveCount(1)
  await expect(refused).toContainText('topic temp')
})
