/** After too many guesses of others, the owner signs in with password and code together. */
import { expectAccessible } from '../support/accessibility.ts'
import { enterCredentials } from '../support/actions.ts'
import { browserCall, enter, makePerson } from '../support/api.ts'
import { enrol } from '../support/authenticator.ts'
import { expect, test } from '../support/fixtures.ts'
import { closeForStrangers } from '../support/time.ts'

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
