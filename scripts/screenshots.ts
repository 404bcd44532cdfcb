/**
 * `npm run screenshots`: takes a picture of every page, wide and narrow, light and dark, with the example data.
 * `npm run screenshots -- /users /roles` takes only these. `--language=de` takes them in German; `--language=pseudo` in the
 * pseudo-locale, if `GATEHOUSE_PSEUDO_LOCALE=1` is set.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from '@playwright/test'
import { enterCredentials } from '../e2e/support/actions.ts'
import { startGatehouse } from '../e2e/support/server.ts'
import config from '../playwright.config.ts'
import { makeExampleData } from './example-data.ts'
import { root } from './run.mjs'

const folder = join(root, 'screenshots')
const admin = { username: 'admin', password: 'only for pictures' }
const sizes = [
  { width: 1440, height: 900 },
  { width: 375, height: 812 },
]
const language = process.argv.find((argument) => argument.startsWith('--language='))?.split('=')[1] ?? 'en'
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))

mkdirSync(folder, { recursive: true })
const gatehouse = await startGatehouse({ GATEHOUSE_ADMIN_PASSWORD: admin.password })
const browser = await chromium.launch(config.use?.launchOptions)
try {
  await makeExampleData(gatehouse.url, admin)
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const viewport of sizes) await takeAll(browser, viewport, colorScheme)
  }
} finally {
  await browser.close()
  await gatehouse.remove()
}

async function takeAll(
  from: Browser,
  viewport: { width: number; height: number },
  colorScheme: 'light' | 'dark',
): Promise<void> {
  const context = await from.newContext({ baseURL: gatehouse.url, viewport, colorScheme, reducedMotion: 'reduce' })
  const page = await context.newPage()
  await page.goto('/sign-in')
  await page.getByLabel('Username').waitFor()
  const suffix = `${viewport.width}-${colorScheme}`
  if (wanted.length === 0) await take(page, `sign-in-${suffix}`)
  await enterCredentials(page, admin)
  // The sign-in page has a `main` element too.
  await page.locator('#page').waitFor()
  const places = wanted.length > 0 ? wanted : await pagesIn(page)
  await context.addCookies([{ name: 'gatehouse-language', value: language, url: gatehouse.url }])
  for (const path of places) {
    await page.goto(path)
    await page.locator('#page').waitFor()
    await page.waitForLoadState('networkidle')
    await take(page, `${nameOf(path)}-${suffix}`)
  }
  await context.close()
}

/** Reads the pages from the navigation, at a width at which it is visible. */
async function pagesIn(page: Page): Promise<string[]> {
  const before = page.viewportSize()
  await page.setViewportSize({ width: 1440, height: 900 })
  const links = page.getByRole('navigation').first().getByRole('link')
  await links.first().waitFor()
  const paths = await links.evaluateAll((found) => found.map((link) => link.getAttribute('href') ?? '/'))
  if (before) await page.setViewportSize(before)
  return [...new Set(paths)]
}

async function take(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' })
  console.log(`screenshots/${name}.png`)
}

function nameOf(path: string): string {
  return path.replace(/[^a-z0-9]+/gi, '-').replace(/^-|-$/g, '') || 'overview'
}
