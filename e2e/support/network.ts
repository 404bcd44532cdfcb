/** What a page requests, and the bytes that a browser receives for it on the first visit, before a click. */
import type { CDPSession, Page } from '@playwright/test'
import { expect, test } from './fixtures.ts'

const fontMaxBytes = 45_000

/** For `npm run bench`, which writes the figures into its table. */
export function note(type: string, bytes: number): void {
  test.info().annotations.push({ type, description: String(bytes) })
}

/** The bytes from the network: compressed, with headers. The font has a limit of its own. */
export async function receivedBytes(page: Page, address: string): Promise<number> {
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
  await network.detach()
  expect(ofFonts, 'bytes of the font').toBeGreaterThan(0)
  expect(ofFonts, 'bytes of the font').toBeLessThanOrEqual(fontMaxBytes)
  return received
}

export interface Asked {
  url: string
  /** `parser`: named by the page itself. */
  initiator: string
}

export async function requestsOf(page: Page, address: string): Promise<Asked[]> {
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

const stream = '**/api/broker/topics?*'

async function open(page: Page, address: string): Promise<void> {
  const hasStream = address.startsWith('/broker/topics')
  // A stream of events never ends, so the page would never be idle. On other pages a route would only delay each request.
  if (hasStream) await page.route(stream, (route) => route.fulfill({ contentType: 'text/event-stream', body: '' }))
  await page.goto(address)
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.waitForLoadState('networkidle')
  if (hasStream) await page.unroute(stream)
}
