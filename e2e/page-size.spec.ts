/** How much script a browser has to fetch: measured on what it really loads from the built app, compressed as a proxy would. */
import { gzipSync } from 'node:zlib'
import type { Page } from '@playwright/test'
import { placesInNavigation } from './actions.ts'
import { enter } from './api.ts'
import { expect, test } from './fixtures.ts'

const signInMaxBytes = 138_000
const pageMaxBytes = 260_000

test('the sign-in page', async ({ page }) => {
  const bytes = await scriptBytes(page, '/')
  note('bytes of the sign-in page', bytes)
  expect(bytes).toBeLessThanOrEqual(signInMaxBytes)
})

test('every page of the console, opened by its address', async ({ page }) => {
  await enter(page)
  const places = [...(await placesInNavigation(page)), '/users/import']
  expect(places.length).toBeGreaterThan(6)
  for (const place of [...places, '/authorities/built-in']) {
    const bytes = await scriptBytes(page, place)
    note('bytes of a page', bytes)
    expect.soft(bytes, place).toBeLessThanOrEqual(pageMaxBytes)
  }
})

/** For `npm run bench`, which puts the figures into its table. */
function note(type: string, bytes: number): void {
  test.info().annotations.push({ type, description: String(bytes) })
}

/** As for somebody who has never been here. */
async function scriptBytes(page: Page, address: string): Promise<number> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Network.enable')
  await devtools.send('Network.setCacheDisabled', { cacheDisabled: true })
  const scripts = new Map<string, Promise<number>>()
  page.on('response', (response) => {
    if (response.request().resourceType() !== 'script') return
    scripts.set(
      response.url(),
      response.body().then((body) => gzipSync(body).length),
    )
  })
  await page.goto(address)
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.waitForLoadState('networkidle')
  page.removeAllListeners('response')
  await devtools.detach()
  const sizes = await Promise.all(scripts.values())
  return sizes.reduce((total, size) => total + size, 0)
}
