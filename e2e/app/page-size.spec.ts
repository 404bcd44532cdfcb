/** The bytes that a browser receives for a page on the first visit: everything but the font, headers included, before a click. */
import type { BrowserContext, CDPSession, Page } from '@playwright/test'
import { placesInNavigation } from '../support/actions.ts'
import { enter } from '../support/api.ts'
import { expect, test } from '../support/fixtures.ts'

const signInMaxBytes = 140_000
const pageMaxBytes = 270_000
const fontMaxBytes = 45_000

test('the sign-in page takes at most 140 kB on the wire', async ({ openBrowser }) => {
  const bytes = await receivedBytes(await openBrowser(), '/')
  note('bytes of the sign-in page', bytes)
  expect(bytes).toBeLessThanOrEqual(signInMaxBytes)
})

test('every page of the console takes at most 270 kB on the wire, opened by its address', async ({
  page,
  openBrowser,
}) => {
  await enter(page)
  const places = [
    ...(await placesInNavigation(page)),
    '/users/import',
    '/authorities/built-in',
    '/broker/decisions/history',
  ]
  expect(places.length).toBeGreaterThan(6)
  const cold = await openBrowser()
  await cold.addCookies(await page.context().cookies())
  for (const place of places) {
    const bytes = await receivedBytes(cold, place)
    note('bytes of a page', bytes)
    expect.soft(bytes, place).toBeLessThanOrEqual(pageMaxBytes)
  }
})

test('a page with a session requests everything at once, and nothing twice', async ({ page, openBrowser }) => {
  await enter(page)
  const browser = await openBrowser()
  await browser.addCookies(await page.context().cookies())
  const asked = await requestsOf(browser, '/users')
  const urls = asked.map(({ url }) => url)
  expect(urls.toSorted()).toEqual([...new Set(urls)].toSorted())
  const found = asked.filter(({ url, initiator }) => url.startsWith('/assets/') && initiator !== 'parser')
  expect(found, 'files that the page did not name').toEqual([])
  expect(asked.find(({ url }) => url === '/api/session')?.initiator).toBe('parser')
})

test('the sign-in page calls no API before somebody signs in', async ({ openBrowser }) => {
  const asked = await requestsOf(await openBrowser(), '/')
  expect(asked.filter(({ url }) => url.startsWith('/api/'))).toEqual([])
})

/** For `npm run bench`, which writes the figures into its table. */
function note(type: string, bytes: number): void {
  test.info().annotations.push({ type, description: String(bytes) })
}

/** The bytes from the network: compressed, with headers. The font has a limit of its own. */
async function receivedBytes(browser: BrowserContext, address: string): Promise<number> {
  const page = await browser.newPage()
  const network = await watchNetwork(page)
  const fonts = new Set<string>()
  let received = 0
  let ofFonts = 0
  network.on('Network.responseReceived', ({ requestId, type }) => type === 'Font' && fonts.add(requestId))
  network.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (fonts.has(requestId)) ofFonts += encodedDataLength
    else received += encodedDataLength
  })
  await open(page, address)
  await page.close()
  expect(ofFonts, 'bytes of the font').toBeGreaterThan(0)
  expect(ofFonts, 'bytes of the font').toBeLessThanOrEqual(fontMaxBytes)
  return received
}

interface Asked {
  url: string
  /** `parser`: named by the page itself. */
  initiator: string
}

async function requestsOf(browser: BrowserContext, address: string): Promise<Asked[]> {
  const page = await browser.newPage()
  const network = await watchNetwork(page)
  const asked: Asked[] = []
  network.on('Network.requestWillBeSent', ({ request, initiator }) => {
    const { protocol, pathname, search } = new URL(request.url)
    if (protocol !== 'data:') asked.push({ url: pathname + search, initiator: initiator.type })
  })
  await open(page, address)
  return asked
}

async function watchNetwork(page: Page): Promise<CDPSession> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Network.enable')
  // As at the first visit.
  await devtools.send('Network.setCacheDisabled', { cacheDisabled: true })
  return devtools
}

async function open(page: Page, address: string): Promise<void> {
  await page.goto(address)
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.waitForLoadState('networkidle')
}
