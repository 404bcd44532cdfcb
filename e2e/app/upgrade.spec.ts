/** A page that stays open while the server is upgraded loads the new files when it needs them. */
import { openPage, rowOf } from '../support/actions.ts'
import { enter, makePerson } from '../support/api.ts'
import { expect, test } from '../support/fixtures.ts'

test.use({ expectedErrors: [/404|preload|dynamically imported/] })

test.beforeEach(({ page }) => enter(page))

test('reloads a page whose files were replaced, and stays at the same place', async ({ page, call }) => {
  await makePerson(call, { username: 'patient', password: 'only for this story' })
  // As if it had been open for an hour.
  await page.addInitScript(() => {
    const now = performance.now.bind(performance)
    performance.now = () => now() + 3_600_000
  })
  await openPage(page, '/users?search=patient', 'Users')
  let isOld = true
  page.on('request', (request) => {
    if (request.isNavigationRequest()) isOld = false
  })
  await page.route('**/assets/**', (route) => (isOld ? route.fulfill({ status: 404, body: '' }) : route.continue()))
  await rowOf(page, 'patient').click()
  await expect(page.getByRole('heading', { name: 'patient', level: 1 })).toBeVisible()
  expect(isOld).toBe(false)
})
