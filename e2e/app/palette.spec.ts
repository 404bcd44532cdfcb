/**
 * The command palette: opens any page, user, role or authority without the mouse, and offers only what the user may
 * open.
 */
import type { Page } from '@playwright/test'
import { expectAccessible } from '../support/accessibility.ts'
import { openPage } from '../support/actions.ts'
import { enter, makeMachine, makePerson, makeRole, path } from '../support/api.ts'
import { expect, test } from '../support/fixtures.ts'

const palette = (page: Page) => page.getByRole('dialog', { name: 'Go to' })
const field = (page: Page) => palette(page).getByRole('combobox')
const options = (page: Page) => palette(page).getByRole('option')

test.beforeAll(async ({ call }) => {
  await makeMachine(call, 'line-3-press')
  await makeRole(call, 'line-3-reader', [])
})

test('opens a user, a page and an action by keyboard alone, and returns', async ({ page }) => {
  await enter(page)
  await openPage(page, '/users', 'Users')
  const search = page.getByRole('searchbox', { name: 'Search users' })
  await search.focus()

  await test.step('keeps keys that are typed before it is shown', async () => {
    const { promise: typed, resolve: letThrough } = Promise.withResolvers<void>()
    await page.route('**/assets/palette-*.js', async (route) => {
      await typed
      await route.continue()
    })
    await page.keyboard.press('ControlOrMeta+k')
    await page.keyboard.type('3-pr')
    letThrough()
    await expect(field(page)).toBeFocused()
    await page.keyboard.type('ess')
    await expect(field(page)).toHaveValue('3-press')
    await page.keyboard.press('Escape')
    await expect(palette(page)).toBeHidden()
    await expect(search).toHaveValue('')
  })

  await test.step('finds a user on the server', async () => {
    await page.keyboard.press('ControlOrMeta+k')
    await expect(field(page)).toBeFocused()
    await expect(options(page).first()).toHaveAttribute('data-combobox-selected', 'true')
    await page.keyboard.type('3-press')
    await expect(options(page)).toHaveCount(1)
    await expect(options(page).first()).toHaveAttribute('data-combobox-selected', 'true')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('heading', { name: 'line-3-press', level: 1 })).toBeVisible()
    await expect(palette(page)).toBeHidden()
  })

  await test.step('does not open while a dialog is open', async () => {
    await page.getByRole('button', { name: 'Edit', exact: true }).click()
    await expect(page.getByRole('dialog', { name: 'Edit user' })).toBeVisible()
    await page.keyboard.press('ControlOrMeta+k')
    await expect(palette(page)).toBeHidden()
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog')).toHaveCount(0)
  })

  await test.step('chooses the second of several results by arrow key', async () => {
    await page.keyboard.press('ControlOrMeta+k')
    await expect(field(page)).toBeFocused()
    await page.keyboard.type('line-3')
    await expect(options(page)).toHaveText([/line-3-press/, /line-3-reader/])
    await page.keyboard.press('ArrowDown')
    await expect(options(page).nth(1)).toHaveAttribute('data-combobox-selected', 'true')
    const id = await options(page).nth(1).getAttribute('id')
    await expect(field(page)).toHaveAttribute('aria-activedescendant', id ?? 'none')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('heading', { name: 'line-3-reader', level: 1 })).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog')).toHaveCount(0)
  })

  await test.step('finds a page by its words, and an action', async () => {
    await page.keyboard.press('ControlOrMeta+k')
    await expect(field(page)).toBeFocused()
    await page.keyboard.type('multi auth')
    await expect(options(page)).toHaveCount(1)
    await expect(options(page).first()).toHaveAttribute('data-combobox-selected', 'true')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('heading', { name: 'Multi-factor authentication', level: 1 })).toBeVisible()
    await page.keyboard.press('ControlOrMeta+k')
    await expect(field(page)).toBeFocused()
    await page.keyboard.type('add device')
    await expect(options(page)).toHaveCount(1)
    await expect(options(page).first()).toHaveAttribute('data-combobox-selected', 'true')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('dialog', { name: 'Add device' })).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog')).toHaveCount(0)
  })

  await test.step('returns the focus when it is closed', async () => {
    const button = page.getByRole('button', { name: 'Go to…' })
    await button.focus()
    await page.keyboard.press('Enter')
    await expect(field(page)).toBeFocused()
    await page.keyboard.type('nothing is called like this')
    await expect(palette(page)).toContainText('No results')
    await page.keyboard.press('Escape')
    await expect(palette(page)).toBeHidden()
    await expect(button).toBeFocused()
  })
})

test('has a button on a phone, and is accessible', async ({ page }) => {
  await page.setViewportSize({ width: 375, height: 812 })
  await enter(page)
  await openPage(page, '/', 'Overview')
  await page.getByRole('button', { name: 'Go to…' }).click()
  await field(page).fill('line')
  await expect(options(page)).toHaveCount(2)
  await expectAccessible(page)
})

test('offers only what the user may open', async ({ page, call }) => {
  const reader = { username: 'reader', password: 'only for this story' }
  await makePerson(call, reader, [path('/api/roles/#', 'read')])
  await enter(page, reader)
  await openPage(page, '/', 'Overview')
  const asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  await page.keyboard.press('ControlOrMeta+k')
  await expect(options(page).filter({ hasText: 'Roles' })).toHaveCount(1)
  for (const name of ['People', 'Audit', 'Add device', 'Add role', 'Upload CA'])
    await expect(options(page).filter({ hasText: name })).toHaveCount(0)
  await page.keyboard.type('line')
  await expect(options(page)).toHaveText([/line-3-reader/])
  expect(asked).toContain('/api/roles')
  expect(asked).not.toContain('/api/users')
  expect((await page.request.get('/api/users?search=line')).status()).toBe(403)
})
