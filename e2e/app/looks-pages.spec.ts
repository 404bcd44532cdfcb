/** Every page: axe finds nothing, and the page fits, in light and dark, on a desk and on a phone. */
import { expectAccessible } from '../support/accessibility.ts'
import { placesInNavigation } from '../support/actions.ts'
import { enter } from '../support/api.ts'
import { test } from '../support/fixtures.ts'
import { looksTimeoutMs, makeLooksData } from '../support/looks-data.ts'

test.describe.configure({ timeout: looksTimeoutMs })
test.beforeAll(makeLooksData)

test('every page is accessible and fits', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await expectAccessible(page)
  await enter(page)
  for (const place of [
    ...(await placesInNavigation(page)),
    '/authorities/built-in',
    '/broker/decisions/history',
    '/users?search=nobody-at-all',
    '/nowhere',
  ]) {
    await page.goto(place)
    await page.getByRole('main').getByRole('heading').first().waitFor()
    await expectAccessible(page)
  }
})

test('the API reference is accessible and fits', async ({ page }) => {
  // A part of the document has the same elements as all of it, and takes a tenth of the time.
  await page.route('/api/openapi.json', async (route) => {
    const document = (await (await route.fetch()).json()) as { paths: Record<string, object> }
    const paths = Object.entries(document.paths).filter(([path]) => /^\/api\/users\/{id}$|session/.test(path))
    await route.fulfill({ json: { ...document, paths: Object.fromEntries(paths) } })
  })
  await page.goto('/api/docs')
  await page.getByRole('button', { name: /^PATCH \/api\/users\/{id} / }).click({ timeout: 60_000 })
  await page.getByRole('button', { name: 'Try it out' }).click()
  await expectAccessible(page)
})
