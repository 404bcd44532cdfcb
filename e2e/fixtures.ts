/** What every browser test starts from: the application, one per worker, and a page on which an unexpected error is a failure. */
import { test as base, expect } from '@playwright/test'
import { admin } from './actions.ts'
import { isInstalled } from './outside.ts'
import { type Gatehouse, startGatehouse } from './server.ts'

// Debian packages: see scripts/outside-tools.ts, which installs them before the tests run.
const commands = ['chromium', 'openssl', 'mosquitto_sub', 'mosquitto_pub', 'stdbuf']
const missing = commands.filter((command) => !isInstalled(command) && !(command === 'chromium' && process.env.CHROMIUM))

interface Options {
  /** Messages of `console.error` that a test provokes on purpose. */
  expectedErrors: RegExp[]
}

export const test = base.extend<Options & { installed: void; quietConsole: void }, { gatehouse: Gatehouse }>({
  gatehouse: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads from this pattern what a fixture needs
    async ({}, use) => {
      const gatehouse = await startGatehouse({ GATEHOUSE_ADMIN_PASSWORD: admin.password })
      await use(gatehouse)
      await gatehouse.remove()
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  baseURL: ({ gatehouse }, use) => use(gatehouse.url),
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
    async ({ page, expectedErrors }, use) => {
      const errors: string[] = []
      // Chromium writes this line for every answer from 400 up; a refusal that a test asks for is not an error of ours.
      const expected = [/^Failed to load resource: the server responded with a status of 4\d\d/, ...expectedErrors]
      const note = (text: string) => void (expected.some((pattern) => pattern.test(text)) || errors.push(text))
      page.on('console', (message) => message.type() === 'error' && note(message.text()))
      page.on('pageerror', (error) => note(String(error)))
      await use()
      expect(errors, 'errors in the console of the browser').toEqual([])
    },
    { auto: true },
  ],
})

export { expect }
