/**
 * `npm test`: all tests in one run, with the totals in the last line. `npm test -- users` runs only
 * the test files with "users" in their path, without the static checks. `--all` before or after adds the long tests: files called
 * `*.all.test.ts`, and more generated cases in others.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { buildWebApp } from './build-web-app.mjs'
import { bringOutsideTools } from './outside-tools.ts'
import { root, run, runQuietly } from './run.mjs'
import { runStaticChecks } from './static-checks.ts'
import { add, type Sum, sumPlaywright, sumVitest } from './test-sums.ts'

const vitestReport = join(root, 'test-results/vitest.json')
const playwrightReport = join(root, 'test-results/playwright.json')
const isAll = process.argv.includes('--all')
const filters = process.argv.slice(2).filter((argument) => argument !== '--all')

// Child processes inherit it: vitest.config.ts and some tests look at it.
if (isAll) process.env['GATEHOUSE_TEST_ALL'] = '1'
const missing = await bringOutsideTools({ isAll })
// Delete old reports: a run that writes none must not be judged by them.
rmSync(join(root, 'test-results'), { recursive: true, force: true })
mkdirSync(join(root, 'test-results'))

// In two rows: each of these waits a good part of its time, for processes, sockets and frames. Neither starts an application
// before the web app is whole, for with half of one it is another.
const isWhole = filters.length === 0
const building = webApp()
const rows = await Promise.all([checkCode(), tellStories()])
finish(add([...rows, outsideTools()]))

async function checkCode(): Promise<Sum> {
  const checks = isWhole ? await staticChecks() : sumOf([])
  await building
  return add([checks, await vitest()])
}

async function tellStories(): Promise<Sum> {
  const build = await building
  const inBrowser = build.failed > 0 ? sumOf([]) : await playwright()
  return add([build, inBrowser, isWhole ? await benchSmoke() : sumOf([])])
}

async function staticChecks(): Promise<Sum> {
  return sumOf((await runStaticChecks()).map(({ isPassed }) => isPassed))
}

/** Nothing to count where it succeeds: the browser tests tell. */
async function webApp(): Promise<Sum> {
  try {
    await buildWebApp()
    return sumOf([])
  } catch (error) {
    console.log(`✗ web app: ${error instanceof Error ? error.message : String(error)}`)
    return sumOf([false])
  }
}

async function vitest(): Promise<Sum> {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${vitestReport}`]
  const code = await runNode('node_modules/vitest/vitest.mjs', [
    'run',
    ...reporters,
    ...ifFiltered('--passWithNoTests'),
  ])
  return sumVitest(vitestReport, code)
}

async function playwright(): Promise<Sum> {
  const code = await runAside('node_modules/@playwright/test/cli.js', ['test', ...ifFiltered('--pass-with-no-tests')])
  return sumPlaywright(playwrightReport, code)
}

/** A little of each measurement: that they still work, not what they say. */
async function benchSmoke(): Promise<Sum> {
  return sumOf([(await runAside('bench/run.ts', ['--smoke'])) === 0])
}

/** A browser that is not there skips tests, which count themselves; a font that is not there does not: so it counts here. */
function outsideTools(): Sum {
  return { passed: 0, failed: 0, skipped: missing.map(({ debianPackage }) => `not installed: ${debianPackage}`) }
}

function ifFiltered(option: string): string[] {
  return filters.length > 0 ? [option, ...filters] : []
}

function runNode(script: string, args: string[]): Promise<number> {
  return run(process.execPath, [join(root, script), ...args])
}

/** What it says comes when it is done, not between the lines of the others. */
async function runAside(script: string, args: string[]): Promise<number> {
  const { code, output } = await runQuietly(process.execPath, [join(root, script), ...args])
  console.log(output.trimEnd())
  return code
}

function sumOf(outcomes: boolean[]): Sum {
  const passed = outcomes.filter(Boolean).length
  return { passed, failed: outcomes.length - passed, skipped: [] }
}

function finish({ passed, failed, skipped }: Sum): void {
  for (const test of skipped) console.log(`skipped: ${test}`)
  const isIncomplete = Boolean(process.env.CI) && skipped.length > 0
  if (isIncomplete) console.log('With CI set, nothing may be skipped.')
  console.log(`${passed} passed, ${failed} failed, ${skipped.length} skipped`)
  process.exitCode = failed > 0 || passed === 0 || isIncomplete ? 1 : 0
}
