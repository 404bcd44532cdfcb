/**
 * `npm run screenshots`: takes a picture of every page and dialog at three widths, light and dark, with the example data.
 * `npm run screenshots -- roles user-edit` takes the scenes whose names begin so. `--language=de` takes them in German,
 * `--language=pseudo` in the pseudo-locale (needs `GATEHOUSE_PSEUDO_LOCALE=1`); `--width=375` and `--scheme=light` take fewer;
 * `--folder=/tmp/before` puts them elsewhere.
 */
import { mkdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Browser, type BrowserContext, chromium, type Page } from '@playwright/test'
import { makeFind } from '../apps/web/vite/catalogue.ts'
import { enter } from '../e2e/support/api.ts'
import { startGatehouse } from '../e2e/support/server.ts'
import config from '../playwright.config.ts'
import { makePlant, type Plant } from './example-plant.ts'
import { root } from './run.mjs'
import type { Scene } from './screenshot-scene.ts'
import { scenes } from './screenshot-scenes.ts'

type StorageState = Awaited<ReturnType<BrowserContext['storageState']>>

const heights: Record<number, number> = { 375: 812, 1024: 768, 1440: 900 }
const { values: chosen, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    language: { type: 'string', default: 'en' },
    width: { type: 'string', multiple: true, default: Object.keys(heights) },
    scheme: { type: 'string', multiple: true, default: ['light', 'dark'] },
    folder: { type: 'string', default: join(root, 'screenshots') },
  },
})
const folder = resolve(chosen.folder)
const widths = chosen.width.map(Number)
const schemes = chosen.scheme as ('light' | 'dark')[]
let session: StorageState | undefined
const admin = { username: 'admin', password: 'only for pictures' }

mkdirSync(folder, { recursive: true })
const keys = await mkdtemp(join(tmpdir(), 'gatehouse-screenshots-'))
const gatehouse = await startGatehouse({ GATEHOUSE_ADMIN_PASSWORD: admin.password })
const browser = await chromium.launch(config.use?.launchOptions)
try {
  const plant = await makePlant(gatehouse, admin, keys)
  await takeSignIn(browser)
  session = await signInOnce(browser)
  for (const scene of scenes) {
    if (wanted.length === 0 || wanted.some((name) => scene.name.startsWith(name)))
      await takeScene(browser, scene, plant)
  }
  await plant.stop()
} finally {
  await browser.close()
  await gatehouse.remove()
  await rm(keys, { recursive: true })
}

async function takeSignIn(from: Browser): Promise<void> {
  if (wanted.length > 0) return
  for (const width of widths) {
    const page = await newPage(from, width)
    await page.goto('/sign-in')
    await page.getByRole('heading').first().waitFor()
    await take(page, 'sign-in', width)
    await page.context().close()
  }
}

/** Opens the scene anew at each width. One that cannot be shown is named, and the others are still taken. */
async function takeScene(from: Browser, scene: Scene, plant: Plant): Promise<void> {
  for (const width of widths) {
    const page = await newPage(from, width)
    try {
      await scene.show({ page, plant, say: makeFind(chosen.language) })
      await take(page, scene.name, width)
    } catch (error) {
      process.exitCode = 1
      console.error(`${scene.name}, ${width}: ${error instanceof Error ? error.message : String(error)}`)
      await page.screenshot({ path: join(folder, `${scene.name}-${width}-failed.png`) })
    } finally {
      await page.context().close()
    }
  }
  console.log(scene.name)
}

async function newPage(from: Browser, width: number): Promise<Page> {
  const context = await from.newContext({
    baseURL: gatehouse.url,
    locale: chosen.language === 'de' ? 'de-DE' : 'en-US',
    viewport: { width, height: heights[width] ?? 900 },
    reducedMotion: 'reduce',
    ...(session && { storageState: session }),
  })
  context.setDefaultTimeout(10_000)
  await context.addCookies([{ name: 'gatehouse-language', value: chosen.language, url: gatehouse.url }])
  return context.newPage()
}

/** Signs in once: a session for each picture would fill the lists. */
async function signInOnce(from: Browser): Promise<StorageState> {
  const page = await newPage(from, 1440)
  await enter(page, admin)
  const state = await page.context().storageState()
  await page.context().close()
  return state
}

/** A page as a whole; what has a dialog as it stands in the window. */
async function take(page: Page, name: string, width: number): Promise<void> {
  // A stream stays open on the page of topics.
  await page.waitForLoadState(page.url().includes('/broker/topics') ? 'load' : 'networkidle')
  const fullPage = (await page.getByRole('dialog').count()) === 0
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme })
    await page.screenshot({
      path: join(folder, `${name}-${width}-${colorScheme}.png`),
      animations: 'disabled',
      fullPage,
    })
  }
}
