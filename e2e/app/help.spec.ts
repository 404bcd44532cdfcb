/** Help, of a page and of a field within a dialog. */
import { expectAccessible } from '../support/accessibility.ts'
import { openPage } from '../support/actions.ts'
import { enter } from '../support/api.ts'
import { expect, test } from '../support/fixtures.ts'

test.beforeEach(({ page }) => enter(page))

test('a page has help, and Escape returns the focus to its button', async ({ page }) => {
  await openPage(page, '/devices', 'Devices')
  const help = page.getByRole('button', { name: 'Help' })
  await help.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Help: Devices' })
  await expect(dialog.getByRole('heading', { name: 'How do I add a device with a certificate?' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(dialog).toHaveCount(0)
  await expect(help).toBeFocused()
})

test('the help of a field leaves the form as it was', async ({ page }) => {
  await openPage(page, '/roles?create=', 'Roles')
  const form = page.getByRole('dialog', { name: 'Add role' })
  await form.getByLabel('Name').fill('half a role')
  await form.getByRole('button', { name: 'Learn more' }).click()
  const help = page.getByRole('dialog', { name: 'Help: Permissions' })
  await expect(help).toContainText('line-3/+/temp')
  await expectAccessible(page)
  await help.getByRole('button', { name: 'Close' }).click()
  await expect(form.getByLabel('Name')).toHaveValue('half a role')
})
