/** The API reference: shows the whole document under the content security policy, without requests to third parties. */
import { gzipSync } from 'node:zlib'
import type { Locator, Page } from '@playwright/test'
import { expectAccessible } from '../support/accessibility.ts'
import { openPage } from '../support/actions.ts'
import { enter } from '../support/api.ts'
import { expect, test } from '../support/fixtures.ts'

const referenceMaxBytes = 440_000

/** The requests of the page, the bytes of its scripts, and violations of the policy. */
async function watch(page: Page) {
  const seen = { addresses: [] as string[], breaches: [] as string[], scripts: [] as Promise<number>[] }
  page.on('request', (request) => seen.addresses.push(request.url()))
  page.on('response', (response) => {
    if (response.request().resourceType() === 'script')
      seen.scripts.push(response.body().then((body) => gzipSync(body).length))
  })
  await page.exposeFunction('noteBreach', (breach: string) => void seen.breaches.push(breach))
  await page.addInitScript(
    "document.addEventListener('securitypolicyviolation', (e) => noteBreach(e.violatedDirective + ' ' + e.blockedURI))",
  )
  return seen
}

async function sum(sizes: readonly Promise<number>[]): Promise<number> {
  return (await Promise.all(sizes)).reduce((total, size) => total + size, 0)
}

/** The link names other documents. They are not loaded. */
async function openReference(page: Page): Promise<void> {
  const answer = await page.goto(
    '/api/docs?url=https://example.com/other.json&configUrl=https://example.com/config.json',
  )
  const policy = answer?.headers()['content-security-policy'] ?? ''
  expect(policy).toContain("script-src 'self';")
  expect(policy).not.toContain('unsafe')
  // The page reads a long document before it shows anything.
  await expect(page.getByRole('heading', { name: 'Gatehouse' })).toBeVisible({ timeout: 60_000 })
}

/** Scrolls on by half a window, and from the end to the top again: the library draws only the operations in view. */
function scrollOn(page: Page): Promise<void> {
  return page.evaluate(() => {
    const before = scrollY
    scrollBy(0, innerHeight / 2)
    if (scrollY === before) scrollTo(0, 0)
  })
}

/** The library draws within some frames. */
const soon = { intervals: [50] }

async function open(page: Page, name: RegExp): Promise<Locator> {
  const operation = page.locator('.opblock').filter({ has: page.getByRole('button', { name }) })
  await operation.getByRole('button', { name }).click()
  return operation
}

async function tryOut(page: Page, name: RegExp, answer: string): Promise<void> {
  const operation = await open(page, name)
  await operation.getByRole('button', { name: 'Try it out' }).click()
  await operation.getByRole('button', { name: 'Execute' }).click()
  await expect(operation.locator('.live-responses-table')).toContainText(answer)
}

/** The library draws the whole document again after each click. A part of it has the same elements, and takes a tenth of the time. */
async function showOnly(page: Page, wanted: RegExp): Promise<void> {
  await page.route('/api/openapi.json', async (route) => {
    const document = (await (await route.fetch()).json()) as { paths: Record<string, object> }
    const paths = Object.entries(document.paths).filter(([path]) => wanted.test(path))
    await route.fulfill({ json: { ...document, paths: Object.fromEntries(paths) } })
  })
}

function outside(addresses: readonly string[], own: string): string[] {
  return addresses.filter((address) => !address.startsWith(`${own}/`) && !address.startsWith('data:'))
}

test('shows every operation and loads nothing else, under the policy and without a session', { tag: '@all' }, async ({
  page,
  gatehouse,
}) => {
  const seen = await watch(page)
  await openReference(page)
  const document = (await (await page.request.get('/api/openapi.json')).json()) as { paths: Record<string, object> }
  const operations = Object.values(document.paths).flatMap((path) => Object.keys(path))
  const shown = new Set<string>()
  await expect
    .poll(async () => {
      for (const text of await page.locator('.opblock-summary').allTextContents()) shown.add(text)
      await scrollOn(page)
      return shown.size
    }, soon)
    .toBe(operations.length)

  expect(seen.breaches).toEqual([])
  expect(outside(seen.addresses, gatehouse.url)).toEqual([])
})

test('shows examples, is accessible, fits, and tries out two operations under the policy', async ({
  page,
  gatehouse,
}) => {
  const seen = await watch(page)
  await showOnly(page, /^\/api\/(users|password-policy|broker)$/)
  await openReference(page)
  expect(await sum(seen.scripts)).toBeLessThanOrEqual(referenceMaxBytes)
  const creation = await open(page, /^POST \/api\/users Create/)
  const examples = page.getByRole('combobox', { name: 'Example' })
  await expect(examples.filter({ hasText: 'A machine with a certificate' })).toBeVisible()
  await creation.getByRole('button', { name: 'Try it out' }).click()
  await expectAccessible(page)
  await tryOut(page, /^GET \/api\/password-policy /, 'minWithFactor')
  await tryOut(page, /^GET \/api\/broker The listeners/, 'not_signed_in')

  expect(seen.breaches).toEqual([])
  expect(outside(seen.addresses, gatehouse.url)).toEqual([])
})

test('is linked from the tokens page, and no page of the console loads any of it', { tag: '@all' }, async ({
  page,
}) => {
  const { addresses } = await watch(page)
  await enter(page)
  await openPage(page, '/account/tokens', 'Tokens')
  const link = page.getByRole('link', { name: 'the API' })
  await expect(link).toHaveAttribute('href', '/api/docs')
  expect(addresses.filter((address) => address.includes('api-reference'))).toEqual([])
})
