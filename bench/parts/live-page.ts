/** Measures the live page of topics in Chromium beside 10,000 messages a second: how long a click waits, and whether its heap grows. */
import { setTimeout as wait } from 'node:timers/promises'
import { users } from '@gatehouse/contract/identity/users'
import { type CDPSession, chromium, type Page } from '@playwright/test'
import { browserPath } from '../../e2e/support/browser.ts'
import { publishPaced } from '../load/paced-messages.ts'
import type { Bench, Measured } from '../part.ts'
import { makeRow } from '../row.ts'
import { admin } from '../sides/gatehouse.ts'

const perSecond = 10_000
const betweenClicksMs = 200
/** Below the root of the tree. */
const firstClicked = 1
const clickedRows = 8
/** The Event Timing API reports nothing shorter. */
const shortestMs = 16

async function measure({ installations, few, say }: Bench): Promise<Measured> {
  if (!browserPath) {
    say('left out: there is no Chromium')
    return { rows: [] }
  }
  const { gatehouse, call } = await installations.start(few(1_000, 100))
  const account = { username: 'bench-publisher', password: 'a long password for publishing' }
  const permissions = [{ context: 'mqtt' as const, resource: 'bench/#', operation: 'readWrite' as const }]
  await call(users.create, { body: { ...account, kind: 'machine', permissions } })
  const seconds = few(90, 6)
  const port = Number(new URL(gatehouse.mqttUrl).port)
  const published = publishPaced(port, account, { count: seconds * perSecond, perSecond })
  // It ends early if something else fails first.
  published.catch(() => {})
  const browser = await chromium.launch({ executablePath: browserPath })
  try {
    const page = await openLivePage(await browser.newPage(), gatehouse.url)
    const protocol = await page.context().newCDPSession(page)
    await clickFor(page, few(20_000, 1_000))
    const before = await heapOf(protocol)
    await clickFor(page, few(50_000, 1_000))
    const after = await heapOf(protocol)
    const longest = await page.evaluate(() => (globalThis as unknown as { longestMs: number }).longestMs)
    await published
    return {
      rows: [
        makeRow(
          {
            name: 'The longest that a click waits on the live page of 10,000 messages a second',
            unit: 's',
            target: 0.2,
          },
          [longest / 1_000],
          null,
        ),
        makeRow(
          { name: 'Heap of that page after 70 seconds, beside after 20', unit: 'bytes', target: 1.25 },
          [after],
          [before],
        ),
      ],
    }
  } finally {
    await browser.close()
  }
}

export const livePage = { name: 'live-page', run: measure }

async function openLivePage(page: Page, url: string): Promise<Page> {
  const signedIn = await page.request.post(`${url}/api/session`, {
    headers: { 'X-Requested-With': 'gatehouse' },
    data: admin,
  })
  if (!signedIn.ok()) throw new Error(`Signing in: ${signedIn.status()}`)
  // From the click until the browser has painted what follows (Event Timing API).
  await page.addInitScript((durationThreshold) => {
    const shared = globalThis as unknown as { longestMs: number }
    shared.longestMs = durationThreshold
    new PerformanceObserver((list) => {
      for (const { name, duration } of list.getEntries()) {
        if (name === 'click' || name === 'pointerup') shared.longestMs = Math.max(shared.longestMs, duration)
      }
    }).observe({ type: 'event', durationThreshold } as PerformanceObserverInit)
  }, shortestMs)
  await page.goto(`${url}/broker/topics?filter=bench/%23`)
  // The tree begins closed.
  await page.getByRole('treeitem').first().click()
  await page
    .getByRole('treeitem')
    .nth(firstClicked + clickedRows)
    .waitFor()
  return page
}

/** Opens and closes one branch after the other, and so selects topics. */
async function clickFor(page: Page, ms: number): Promise<void> {
  const until = performance.now() + ms
  for (let at = 0; performance.now() < until; at++) {
    await page
      .getByRole('treeitem')
      .nth(firstClicked + (at % clickedRows))
      .click({ position: { x: 60, y: 8 } })
    await wait(betweenClicksMs)
  }
}

async function heapOf(protocol: CDPSession): Promise<number> {
  await protocol.send('HeapProfiler.collectGarbage')
  const { usedSize } = await protocol.send('Runtime.getHeapUsage')
  return usedSize
}
