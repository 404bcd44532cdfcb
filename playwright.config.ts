import { defineConfig, devices } from '@playwright/test'
import { browserPath } from './e2e/support/browser.ts'

// Debian's Chromium: Playwright's own builds are not downloaded. Requests that the browser makes by itself are off.
const quiet = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
]

// A page of a test lives for seconds. Code that is compiled a second time, and frequent collections of young objects, cost a sixth of Chromium's CPU.
const shortLived = '--js-flags=--no-maglev --no-turbofan --min-semi-space-size=16 --max-semi-space-size=64'

// A new process for a page costs as much CPU as loading the page in it. With these, a worker keeps one process for its pages.
const fewProcesses = ['--renderer-process-limit=1', '--disable-site-isolation-trials', '--in-process-gpu']

export default defineConfig({
  testDir: 'e2e',
  // Node runs TypeScript itself. Playwright's compiler takes two seconds of CPU when its cache is empty.
  build: { external: ['**/*.ts'] },
  outputDir: 'test-results/e2e',
  // Each worker has its own application and broker. A worker costs 3.5 s of CPU at its start.
  workers: 2,
  // A story with this tag shows a variant, or a rule that a cheaper test shows too: `npm test -- --all` runs it.
  ...(!process.env.GATEHOUSE_TEST_ALL && { grepInvert: /@all/ }),
  retries: 0, // a test that passes the second time has failed
  // These limits only end tests that hang: the machine also runs other tests.
  timeout: 240_000,
  expect: { timeout: 60_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list'], ['json', { outputFile: 'test-results/playwright.json' }]],
  use: {
    ...devices['Desktop Chrome'],
    viewport: { width: 1440, height: 900 },
    // Recording a trace of every test takes a third of the run: TRACE=1 npm test -- users.spec
    trace: process.env.TRACE ? 'retain-on-failure' : 'off',
    screenshot: 'only-on-failure',
    contextOptions: { reducedMotion: 'reduce' },
    // Playwright empties the context between two tests (cookies, storage, cache, routes, scripts) instead of making a new one. A test
    // that needs a context of its own takes one from `openBrowser`.
    reuseContext: true,
    actionTimeout: 60_000,
    launchOptions: {
      // If no browser is installed, the tests are skipped and say so.
      ...(browserPath !== undefined && { executablePath: browserPath }),
      // No sandbox: the tests also run as root, in a container.
      args: ['--no-sandbox', '--disable-gpu', shortLived, ...fewProcesses, ...quiet],
    },
  },
})
