/** Signing in: from the printed one-time password to an own password, signing out, and the end of a session. */
import { expectAccessible } from '../support/accessibility.ts'
import { admin, enterCredentials, goTo, openPage, signIn, signOut } from '../support/actions.ts'
import { browserCall, enter, makePerson, scriptCall } from '../support/api.ts'
import { enrol } from '../support/authenticator.ts'
import { expect, test } from '../support/fixtures.ts'
import { type Gatehouse, startGatehouse } from '../support/server.ts'
import { closeForStrangers } from '../support/time.ts'

const wrong = 'Wrong username or password.'

test.describe('the first administrator', { tag: '@all' }, () => {
  let fresh: Gatehouse
  test.beforeAll(async () => {
    fresh = await startGatehouse()
  })
  test.afterAll(() => fresh.remove())

  test('must replace the printed password before anything else', async ({ page }) => {
    const printed = fresh.firstSignIn
    if (!printed) throw new Error('no first sign-in was printed')
    const chosen = { username: printed.username, password: 'seven quiet lighthouses' }

    await page.goto(`${fresh.url}/roles`)
    await enterCredentials(page, { ...printed, password: 'not the printed one' })
    await expect(page.getByRole('alert')).toContainText(wrong)

    await enterCredentials(page, printed)
    await expect(page.getByRole('heading', { name: 'Choose your password' })).toBeVisible()
    // Opening another address does not help: the server computes the stage.
    await page.goto(`${fresh.url}/roles`)
    await expect(page.getByRole('heading', { name: 'Choose your password' })).toBeVisible()
    expect(await page.evaluate(() => fetch('/api/roles').then((response) => response.status))).toBe(403)

    await page.getByLabel('Current password').fill(printed.password)
    await page.getByLabel('New password', { exact: true }).fill(chosen.password)
    await page.getByLabel('Confirm new password').fill(chosen.password)
    await page.getByRole('button', { name: 'Set password and continue' }).click()
    await expect(page.getByRole('heading', { name: 'Enable multi-factor authentication?' })).toBeVisible()
    await page.getByRole('button', { name: 'Not now' }).click()
    await signOut(page, chosen)

    await enterCredentials(page, printed)
    await expect(page.getByRole('alert')).toContainText(wrong)
    await enterCredentials(page, chosen)
    await expect(page.getByRole('button', { name: `Account of ${chosen.username}` })).toBeVisible()
  })
})

test('a session ends by signing out, and a user who signs in on the way to a page is on that page afterwards', async ({
  page,
}) => {
  await signIn(page)
  const cookies = await page.context().cookies()
  for (const name of ['gatehouse', 'gatehouse-device']) {
    const attributes = { name, httpOnly: true, sameSite: 'Strict', path: '/' }
    expect(cookies).toContainEqual(expect.objectContaining(attributes))
  }
  const cookie = cookies.find(({ name }) => name === 'gatehouse')
  await goTo(page, '/roles', 'Roles')
  await signOut(page)
  await page.goto('/roles')
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible()
  expect((await page.request.get('/api/roles', { headers: { Cookie: `gatehouse=${cookie?.value}` } })).status()).toBe(
    401,
  )
  await page.goto('/users?kind=person')
  await enterCredentials(page, admin)
  await expect(page.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible()
  await expect(page).toHaveURL(/\/users\?kind=person$/)
})

test('a new password ends the other sessions', { tag: '@all' }, async ({ page, call, openBrowser }) => {
  const before = { username: 'jonas.weber', password: 'seven quiet lighthouses' }
  const after = { ...before, password: 'eight quiet lighthouses' }
  await makePerson(call, before)
  const elsewhere = await (await openBrowser()).newPage()
  for (const each of [page, elsewhere]) await enter(each, before)
  await openPage(elsewhere, '/', 'Overview')

  await openPage(page, '/account/password', 'Password')
  await page.getByLabel('Current password').fill('not mine')
  await page.getByLabel('New password', { exact: true }).fill(after.password)
  await page.getByLabel('Confirm new password').fill(after.password)
  await page.getByRole('button', { name: 'Change password' }).click()
  await expect(page.getByText('Wrong password.')).toBeVisible()
  await elsewhere.reload()
  await expect(elsewhere.getByRole('heading', { name: 'Overview' })).toBeVisible()

  await page.getByLabel('Current password').fill(before.password)
  await page.getByRole('button', { name: 'Change password' }).click()
  await expect(page.getByRole('alert')).toContainText('Password changed. Your other sessions have ended.')
  await openPage(page, '/', 'Overview')
  await elsewhere.reload()
  await enterCredentials(elsewhere, before)
  await expect(elsewhere.getByRole('alert')).toContainText(wrong)
  await enterCredentials(elsewhere, after)
  await expect(elsewhere.getByRole('button', { name: 'Account of jonas.weber' })).toBeVisible()
})

test('guessing is slowed down: the page counts the wait down, and the right password waits too', async ({
  page,
  call,
  gatehouse,
}) => {
  const victim = { username: 'lena.berg', password: 'seven quiet lighthouses' }
  await makePerson(call, victim)
  await page.goto('/sign-in')
  for (let attempt = 1; attempt <= 5; attempt++) {
    const answer = page.waitForResponse('**/api/session')
    await enterCredentials(page, { ...victim, password: `guess ${attempt}` })
    expect((await answer).status()).toBe(401)
  }
  await enterCredentials(page, victim)
  const alert = page.getByRole('alert')
  await expect(alert).toContainText('Too many attempts.')
  await expect(scriptCall(gatehouse.url, victim)).rejects.toMatchObject({ code: 'throttled' })
  await expect(alert).toContainText(/You can try again in \d+ s\./)
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeDisabled()
  const shown = await alert.textContent()
  await expect(alert).not.toHaveText(shown ?? '')
})

/** After too many guesses of others, the owner signs in with password and code together. */
test('the sign-in page also asks for the code while the attempts of others block the user', async ({
  page,
  gatehouse,
  call,
}) => {
  const grace = { username: 'grace', password: 'only for this story' }
  await makePerson(call, grace)
  await enter(page, grace)
  const { app } = await enrol(browserCall(page))
  await page.context().clearCookies()
  closeForStrangers(gatehouse, grace.username)

  await page.goto('/')
  await enterCredentials(page, grace)
  await expect(page.getByRole('alert')).toContainText('Too many attempts.')
  const code = page.getByLabel('Code from your authenticator app')
  await expect(code).toBeVisible()
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeDisabled()
  await expectAccessible(page)

  await code.fill(await app.wrongCode())
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('alert')).toContainText('Check the username, the password and the code.')

  await code.fill(await app.code(1))
  await page.keyboard.press('Enter')
  await expect(page.getByRole('button', { name: 'Account of grace' })).toBeVisible()
})

test('a change from another origin is refused', async ({ page, gatehouse }) => {
  await enter(page)
  const data = { name: 'from-elsewhere' }
  const foreign = { 'X-Requested-With': 'gatehouse', Origin: 'https://elsewhere.example' }
  for (const headers of [{}, foreign]) {
    const answer = await page.request.post('/api/roles', { headers, data })
    expect(await answer.json()).toMatchObject({ status: 403, code: 'cross_site' })
  }
  const found = await page.request.get(`${gatehouse.url}/api/roles?name[eq]=from-elsewhere`)
  expect(await found.json()).toMatchObject({ items: [] })
})
