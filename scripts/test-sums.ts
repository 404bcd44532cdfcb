/** Adds up the reports of the test runners. Anything unclear counts as failed. */
import { existsSync, readFileSync } from 'node:fs'

export interface Sum {
  passed: number
  failed: number
  /** Names of skipped tests, with the reason if there is one. */
  skipped: string[]
}

interface VitestReport {
  numPassedTests: number
  numFailedTests: number
  testResults: { name: string; assertionResults: { fullName: string; status: string }[] }[]
}

interface PlaywrightReport {
  stats: { expected: number; unexpected: number; flaky: number; skipped: number }
  suites?: PlaywrightSuite[]
}

interface PlaywrightSuite {
  title: string
  specs?: { title: string; tests: { status: string; annotations: { type: string; description?: string }[] }[] }[]
  suites?: PlaywrightSuite[]
}

/** The exit code of the runner also covers a file that did not load and a missing report. */
export function sumVitest(path: string, exitCode: number): Sum {
  const report = readReport(path) as VitestReport | undefined
  if (!report) return { passed: 0, failed: 1, skipped: [] }
  const tests = report.testResults.flatMap((file) => file.assertionResults)
  const skipped = tests.filter(({ status }) => !['passed', 'failed'].includes(status)).map(({ fullName }) => fullName)
  return honest({ passed: report.numPassedTests, failed: report.numFailedTests, skipped }, exitCode)
}

export function sumPlaywright(path: string, exitCode: number): Sum {
  const report = readReport(path) as PlaywrightReport | undefined
  if (!report) return { passed: 0, failed: 1, skipped: [] }
  const { expected, unexpected, flaky } = report.stats
  const skipped = (report.suites ?? []).flatMap(skippedIn)
  return honest({ passed: expected + flaky, failed: unexpected, skipped }, exitCode)
}

export function add(sums: Sum[]): Sum {
  return {
    passed: sums.reduce((all, { passed }) => all + passed, 0),
    failed: sums.reduce((all, { failed }) => all + failed, 0),
    skipped: sums.flatMap(({ skipped }) => skipped),
  }
}

function honest(sum: Sum, exitCode: number): Sum {
  return exitCode !== 0 && sum.failed === 0 ? { ...sum, failed: 1 } : sum
}

function skippedIn(suite: PlaywrightSuite): string[] {
  const own = (suite.specs ?? []).flatMap(({ title, tests }) =>
    tests
      .filter(({ status }) => status === 'skipped')
      .map(({ annotations }) => [title, ...annotations.map(({ description }) => description ?? '')].join(': ')),
  )
  return [...own, ...(suite.suites ?? []).flatMap(skippedIn)]
}

function readReport(path: string): unknown {
  if (!existsSync(path)) return undefined
  return JSON.parse(readFileSync(path, 'utf8'))
}
