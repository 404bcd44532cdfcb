/** The live page of topics: the tree, a message that is dangerous to show, and publishing. */
import { openPage } from '../support/actions.ts'
import { enter, makePerson, topic } from '../support/api.ts'
import { expect, test } from '../support/fixtures.ts'
import { publish } from '../support/mosquitto.ts'

test('shows messages as they are published, shows HTML as text, publishes and deletes one', async ({
  page,
  gatehouse,
  call,
}) => {
  const sender = { username: 'mixer-1', password: 'only for this story' }
  await makePerson(call, sender, [topic('line-4/#', 'write')])
  await enter(page)
  await openPage(page, '/broker/topics?filter=line-4/%23', 'Topics')
  await expect(page.getByRole('heading', { name: 'No messages yet' })).toBeVisible()

  const login = { url: gatehouse.mqttUrl, ...sender }
  await publish(login, 'line-4/mixer/label', '<b id="injected">bold</b>')
  const tree = page.getByRole('tree', { name: 'Topics' })
  const row = tree.getByRole('treeitem').filter({ hasText: 'label' })
  await expect(row).toContainText('<b id="injected">bold</b>')
  await expect(page.locator('#injected')).toHaveCount(0)

  await tree.getByRole('treeitem').first().focus()
  await page.keyboard.press('End')
  await page.keyboard.press('Enter')
  const message = page.getByRole('region', { name: 'Last message' })
  await expect(message.getByRole('heading', { name: 'line-4/mixer/label' })).toBeVisible()
  await expect(message).toContainText('<b id="injected">bold</b>')

  await page.getByRole('button', { name: 'Publish…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Publish a message' })
  await expect(dialog.getByRole('textbox', { name: 'Topic' })).toHaveValue('line-4/mixer/label')
  await dialog.getByRole('textbox', { name: 'Payload' }).fill('{"speed":40}')
  await dialog.getByRole('checkbox', { name: 'Retain' }).check()
  await dialog.getByRole('button', { name: 'Publish', exact: true }).click()
  await expect(row).toContainText('{"speed":40}')
  await expect(row).toContainText('retained')
  await expect(message).toContainText('"speed": 40')

  await message.getByRole('link', { name: 'View in Retained messages' }).click()
  const kept = page.getByRole('dialog', { name: 'Retained message' })
  await expect(kept.locator('pre')).toContainText('"speed": 40')
  await kept.getByRole('link', { name: 'View in Topics' }).click()
  await expect(message.getByRole('heading', { name: 'line-4/mixer/label' })).toBeVisible()

  await message.getByRole('button', { name: 'Delete retained message…' }).click()
  await page
    .getByRole('dialog', { name: 'Delete the retained message of line-4/mixer/label?' })
    .getByRole('button', { name: 'Delete' })
    .click()
  await expect(row).not.toContainText('retained')
})
