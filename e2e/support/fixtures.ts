/** Fixtures of all browser tests: one application per file, and a page on which an unexpected error fails the test. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Call } from '@gatehouse/contract/client'
import { type BrowserContext, test as base, expect } from '@playwright/test'
import { browserPath } from './browser.ts'
import { isInstalled } from './outside.ts'
import type { Gatehouse } from './server.ts'
import { ServerPool, type World } from './server-pool.ts'

// Debian packages: see scripts/outside-tools.ts, which installs them before the tests run.
const commands = ['openssl', 'mosquitto_sub', 'mosquitto_pub', 'stdbuf', 'curl', 'oathtool', 'zbarimg']
const missing = [...(browserPath ? [] : ['chromium']), ...commands.filter((command) => !isInstalled(command))]

interface Options {
  /** Messages of `console.error` that a test expects. */
  expectedErrors: RegExp[]
}

interface Fixtures {
  world: World
  gatehouse: Gatehouse
  /** Calls the API with a token of the first administrator. */
  call: Call
  /** A folder for files of a test; removed afterwards. */
  folder: string
  /** Another browser, signed in as another user or not at all, watched in the same way. */
  openBrowser: () => Promise<BrowserContext>
  installed: void
  quietConsole: string[]
}

export const test = base.extend<Options & Fixtures, { servers: ServerPool }>({
  servers: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads from this pattern what a fixture needs
    async ({}, use) => {
      const servers = new ServerPool()
      await use(servers)
      await servers.remove()
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  world: async ({ servers }, use, { file }) => use(await servers.for(file)),
  gatehouse: ({ world }, use) => use(world.gatehouse),
  call: ({ world }, use) => use(world.call),
  baseURL: ({ gatehouse }, use) => use(gatehouse.url),
  // oxlint-disable-next-line no-empty-pattern -- as above
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'gatehouse-story-'))
    await use(folder)
    await rm(folder, { recursive: true, force: true })
  },
  expectedErrors: [[], { option: true }],
  installed: [
    // oxlint-disable-next-line no-empty-pattern -- as above
    async ({}, use, info) => {
      info.skip(missing.length > 0, `not installed: ${missing.join(', ')}`)
      await use()
    },
    { auto: true },
  ],
  quietConsole: [
    async ({ context, expectedErrors }, use) => {
      const errors: string[] = []
      listen(context, errors)
      await use(errors)
      const unexpected = errors.filter((text) => !expectedErrors.some((pattern) => pattern.test(text)))
      expect(unexpected, 'errors in the console of the browser').toEqual([])
    },
    { auto: true },
  ],
  openBrowser: async ({ browser, gatehouse, quietConsole }, use) => {
    const opened: BrowserContext[] = []
    await use(async () => {
      const context = await browser.newContext({ baseURL: gatehouse.url })
      opened.push(context)
      listen(context, quietConsole)
      return context
    })
    for (const context of opened) await context.close()
  },
})

/** All pages of a browser. A violation of the content security policy is an error too. */
function listen(context: BrowserContext, errors: string[]): void {
  context.on('console', (message) => {
    if (message.type() === 'error' && !isRefusal(message.text(), message.location().url)) errors.push(message.text())
  })
  context.on('weberror', (error) => errors.push(String(error.error())))
}

/** Chromium logs this line for every status from 400 on. A refusal that a test expects is not an error. */
function isRefusal(text: string, url: string): boolean {
  return text.startsWith('Failed to load resource: the server responded with a status of 4') && url.includes('/api/')
}

export { expect }
