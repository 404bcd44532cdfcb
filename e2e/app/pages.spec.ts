/** Every page: its requests and its size on the wire; axe finds nothing, and the page fits, in light and dark, on a desk and on a phone. */
import { expectAccessible } from '../support/accessibility.ts'
import { placesInNavigation } from '../support/actions.ts'
import { enter } from '../support/api.ts'
import { expect, test } from '../support/fixtures.ts'
import { looksTimeoutMs, makeLooksData } from '../support/looks-data.ts'
import { note, receivedBytes, requestsOf } from '../support/network.ts'

const signInMaxBytes = 140_000
const pageMaxBytes = 270_000

/**
 * These are checked with the navigation and on a phone too, where their elements differ in all ways: the navigation behind a button, and
 * lists with filters, links, menus and forms.
 */
const asAWhole = ['/', '/users', '/account/mfa', '/users/import']

test.describe.configure({ timeout: looksTimeoutMs })
test.beforeAll(makeLooksData)

test('the sign-in page takes at most 140 kB on the wire', async ({ openBrowser }) => {
  const bytes = await receivedBytes(await (await openBrowser()).newPage(), '/')
  note('bytes of the sign-in page', bytes)
  expect(bytes).toBeLessThanOrEqual(signInMaxBytes)
})

test('a page with a session requests everything at once, and nothing twice', async ({ page, openBrowser }) => {
  await enter(page)
  const browser = await openBrowser()
  await browser.addCookies(await page.context().cookies())
  const asked = await requestsOf(await browser.newPage(), '/users')
  const urls = asked.map(({ url }) => url)
  expect(urls.toSorted()).toEqual([...new Set(urls)].toSorted())
  const found = asked.filter(({ url, initiator }) => url.startsWith('/assets/') && initiator !== 'parser')
  expect(found, 'files that the page did not name').toEqual([])
  expect(asked.find(({ url }) => url === '/api/session')?.initiator).toBe('parser')
})

test('the sign-in page calls no API before somebody signs in', async ({ openBrowser }) => {
  const asked = await requestsOf(await (await openBrowser()).newPage(), '/')
  expect(asked.filter(({ url }) => url.startsWith('/api/'))).toEqual([])
})

test('every page takes at most 270 kB on the wire when it is opened by its address, is accessible, and fits', async ({
  page,
}) => {
  await page.goto('/')
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await expectAccessible(page, { isWhole: true })
  await enter(page)
  const places = await placesInNavigation(page)
  await page.waitForLoadState('networkidle') // what the last page still loads must not count for the next one
  expect(places.length).toBeGreaterThan(6)
  for (const place of [
    ...places,
    '/users/import',
    '/users/import/mosquitto',
    '/authorities/built-in',
    '/broker/decisions/history',
    '/users?search=nobody-at-all',
    '/nowhere',
  ]) {
    const bytes = await receivedBytes(page, place)
    note('bytes of a page', bytes)
    expect.soft(bytes, place).toBeLessThanOrEqual(pageMaxBytes)
    await expectAccessible(page, asAWhole.includes(place) ? { isWhole: true } : {})
  }
})
