/** Signing in: from the printed one-time password to a password of one's own, and out again. */
import { enterCredentials, signIn, signOut } from './actions.ts'
import { expect, test } from './fixtures.ts'
import { type Gatehouse, startGatehouse } from './server.ts'

let fresh: Gatehouse

test.describe('the first administrator', () => {
  test.beforeAll(async () => {
    fresh = await startGatehouse()
  })
  test.afterAll(() => fresh.remove())

  test('replaces the printed password, and only then gets in', async ({ page }) => {
    const printed = fresh.firstSignIn
    if (!printed) throw new Error('no first sign-in was printed')
    const chosen = { username: printed.username, password: 'seven quiet lighthouses' }

    await page.goto(`${fresh.url}/roles`)
    await enterCredentials(page, { ...printed, password: 'not the printed one' })
    await expect(page.getByRole('alert')).toContainText('The username or the password is wrong.')

    await enterCredentials(page, printed)
    await expect(page.getByRole('heading', { name: 'Choose your password' })).toBeVisible()
    // Not by the address either: the stage is the server's to judge.
    await page.goto(`${fresh.url}/roles`)
    await expect(page.getByRole('heading', { name: 'Choose your password' })).toBeVisible()
    expect(await page.evaluate(() => fetch('/api/roles').then((response) => response.status))).toBe(403)

    await page.getByLabel('Current password').fill(printed.password)
    await page.getByLabel('New password', { exact: true }).fill(chosen.password)
    await page.getByLabel('New password again').fill(chosen.password)
    await page.getByRole('button', { name: 'Set password and go on' }).click()
    await signOut(page, chosen)

    await enterCredentials(page, printed)
    await expect(page.getByRole('alert')).toContainText('The username or the password is wrong.')
    await enterCredentials(page, chosen)
    await expect(page.getByRole('button', { name: `Account of ${chosen.username}` })).toBeVisible()
  })
})

test('a session survives a restart of the server, and ends by signing out', async ({ page, gatehouse }) => {
  await signIn(page)
  await gatehouse.restart()
  await page.goto('/roles')
  await expect(page.getByRole('heading', { name: 'Roles' })).toBeVisible()
  await signOut(page)
  await page.goto('/roles')
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible()
})
