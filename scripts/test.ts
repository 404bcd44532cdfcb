/**
 * `npm test`: all tests in one run. The last line has the totals; the lines above it name each failed and each skipped test.
 * `npm test -- users` runs only the test files with "users" in their path, without the static checks. `--all` before or after
 * adds the long tests: files called `*.all.test.ts`, and more generated cases in others.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { buildWebApp } from './build-web-app.mjs'
import { takeFastFolder } from './fast-folder.ts'
import { bringOutsideTools } from './outside-tools.ts'
import { root, run, runQuietly } from './run.mjs'
import { runStaticChecks } from './static-checks.ts'
import { add, describeFailure, failed, passed, type Sum, sumPlaywright, sumVitest } from './test-sums.ts'

const vitestReport = join(root, 'test-results/vitest.json')
const playwrightReport = join(root, 'test-results/playwright.json')
const isAll = process.argv.includes('--all')
const filters = process.argv.slice(2).filter((argument) => argument !== '--all')

// Child processes inherit it: vitest.config.ts and some tests look at it.
if (isAll) process.env['GATEHOUSE_TEST_ALL'] = '1'
const missing = await bringOutsideTools({ isAll })
takeFastFolder()
// Delete old reports: a run that writes none must not be judged by them.
rmSync(join(root, 'test-results'), { recursive: true, force: true })
mkdirSync(join(root, 'test-results'))

// Two at once, because each waits for processes, sockets and frames much of the time. No application starts before the
// web app is built, because the server reads the built files when it starts. The browser tests take the longest.
const isWhole = filters.length === 0
const building = webApp()
const rows = await Promise.all([testCode(), testStories()])
finish(add([...rows, outsideTools()]))

async function testCode(): Promise<Sum> {
  const checks = isWhole ? await staticChecks() : passed(0)
  await building
  return add([checks, await vitest(), isWhole ? await benchSmoke() : passed(0)])
}

async function testStories(): Promise<Sum> {
  const build = await building
  const inBrowser = build.failed.length > 0 ? passed(0) : await playwright()
  return add([build, inBrowser])
}

async function staticChecks(): Promise<Sum> {
  const outcomes = await runStaticChecks()
  return add(outcomes.map(({ name, isPassed, output }) => (isPassed ? passed(1) : failed(name, output))))
}

/** A success counts as no test: the browser tests use the result. */
async function webApp(): Promise<Sum> {
  try {
    await buildWebApp()
    return passed(0)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    console.log(`✗ web app: ${message}`)
    return failed('web app', message)
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
  const args = ['test', ...ifFiltered('--pass-with-no-tests')]
  const { code } = await runAside('node_modules/@playwright/test/cli.js', args)
  return sumPlaywright(playwrightReport, code)
}

/** Runs a little of one measurement, with `--all` of each, to see that they work. The figures mean nothing. */
async function benchSmoke(): Promise<Sum> {
  const parts = isAll ? [] : ['--only=closing']
  // The programs that the bench starts refuse an unknown setting.
  const environment = { GATEHOUSE_TEST_ALL: undefined }
  const { code, output } = await runAside('bench/run.ts', ['--smoke', ...parts], environment)
  return code === 0 ? passed(1) : failed('bench smoke', /^.*Error: .*$/m.exec(output)?.[0] ?? output)
}

/** Counted here because a missing font skips no test. A missing browser does, and is named twice. */
function outsideTools(): Sum {
  return { ...passed(0), skipped: missing.map(({ debianPackage }) => `not installed: ${debianPackage}`) }
}

function ifFiltered(option: string): string[] {
  return filters.length > 0 ? [option, ...filters] : []
}

function runNode(script: string, args: string[]): Promise<number> {
  return run(process.execPath, [join(root, script), ...args])
}

/** Prints the output when the program has ended, so that it does not mix with the output of Vitest. */
async function runAside(
  script: string,
  args: string[],
  environment?: NodeJS.ProcessEnv,
): Promise<{ code: number; output: string }> {
  const { code, output } = await runQuietly(process.execPath, [join(root, script), ...args], environment)
  console.log(output.trimEnd())
  return { code, output }
}

function finish(sum: Sum): void {
  const { skipped } = sum
  for (const test of skipped) console.log(`skipped: ${test}`)
  for (const failure of sum.failed) console.log(describeFailure(failure))
  const isIncomplete = Boolean(process.env.CI) && skipped.length > 0
  if (isIncomplete) console.log('With CI set, nothing may be skipped.')
  console.log(`${sum.passed} passed, ${sum.failed.length} failed, ${skipped.length} skipped`)
  process.exitCode = sum.failed.length > 0 || sum.passed === 0 || isIncomplete ? 1 : 0
}
