/** Adds up the reports of the test runners. Anything unclear counts as failed. */
import { existsSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { root } from './run.mjs'

export interface Sum {
  passed: number
  failed: Failure[]
  /** Names of skipped tests, with the reason if there is one. */
  skipped: string[]
}

export interface Failure {
  /** The file relative to the repository, with the line where it is known; or the name of a check. */
  where: string
  /** The full title of the test. Empty if the whole file or check failed. */
  title: string
  /** The first line of the error. */
  error: string
}

interface VitestReport {
  numPassedTests: number
  testResults: VitestFile[]
}

interface VitestFile {
  name: string
  status: string
  message?: string
  assertionResults: { fullName: string; status: string; failureMessages?: string[] | null }[]
}

interface PlaywrightReport {
  stats: { expected: number; unexpected: number; flaky: number; skipped: number }
  suites?: PlaywrightSuite[]
  /** Errors outside of tests, for example a file that did not load. */
  errors?: PlaywrightError[]
}

interface PlaywrightSuite {
  title: string
  specs?: PlaywrightSpec[]
  suites?: PlaywrightSuite[]
}

interface PlaywrightSpec {
  title: string
  file: string
  line: number
  tests: {
    status: string
    annotations: { type: string; description?: string }[]
    results?: { errors?: PlaywrightError[] }[]
  }[]
}

interface PlaywrightError {
  message?: string
  location?: { file: string; line: number }
}

const nothing: Sum = { passed: 0, failed: [], skipped: [] }

export function passed(count: number): Sum {
  return { ...nothing, passed: count }
}

/** `output` is everything that the check printed; its first line with text stands for it. */
export function failed(where: string, output: string): Sum {
  return { ...nothing, failed: [{ where, title: '', error: firstLine(output) }] }
}

/** The exit code covers what the report lacks, for example an error outside of tests. */
export function sumVitest(path: string, exitCode: number): Sum {
  const report = readReport(path) as VitestReport | undefined
  if (!report) return failed('vitest', `no report, exit code ${exitCode}`)
  const tests = report.testResults.flatMap((file) => file.assertionResults)
  const skipped = tests.filter(({ status }) => !['passed', 'failed'].includes(status)).map(({ fullName }) => fullName)
  const sum = { passed: report.numPassedTests, failed: report.testResults.flatMap(failuresOfFile), skipped }
  return withExitCode(sum, { where: 'vitest', exitCode })
}

export function sumPlaywright(path: string, exitCode: number): Sum {
  const report = readReport(path) as PlaywrightReport | undefined
  if (!report) return failed('playwright', `no report, exit code ${exitCode}`)
  const { expected, flaky } = report.stats
  const specs = (report.suites ?? []).flatMap((suite) => specsIn(suite, []))
  const outside = (report.errors ?? []).map(failureOutside)
  const sum = {
    passed: expected + flaky,
    failed: [...specs.flatMap(failuresOfSpec), ...outside],
    skipped: specs.flatMap(skippedOfSpec),
  }
  return withExitCode(sum, { where: 'playwright', exitCode })
}

export function add(sums: Sum[]): Sum {
  return {
    passed: sums.reduce((all, { passed: count }) => all + count, 0),
    failed: sums.flatMap((sum) => sum.failed),
    skipped: sums.flatMap(({ skipped }) => skipped),
  }
}

/** One line for each failure, for the end of the log. */
export function describeFailure({ where, title, error }: Failure): string {
  return ['failed:', where, title && `> ${title}:`, error].filter(Boolean).join(' ')
}

function withExitCode(sum: Sum, { where, exitCode }: { where: string; exitCode: number }): Sum {
  if (exitCode === 0 || sum.failed.length > 0) return sum
  return add([sum, failed(where, `exit code ${exitCode}, but no test failed; the log has the reason`)])
}

/** A file that did not load, or whose hooks failed, has no failed test. */
function failuresOfFile({ name, status, message, assertionResults }: VitestFile): Failure[] {
  const where = relative(root, name)
  const tests = assertionResults
    .filter((test) => test.status === 'failed')
    .map((test) => ({ where, title: test.fullName, error: firstLine(test.failureMessages?.[0]) }))
  if (tests.length > 0 || status !== 'failed') return tests
  return [{ where, title: '', error: firstLine(message) }]
}

type FoundSpec = PlaywrightSpec & { fullTitle: string }

/** The title of the outermost suite is the file. */
function specsIn(suite: PlaywrightSuite, titles: string[]): FoundSpec[] {
  const own = (suite.specs ?? []).map((spec) => ({ ...spec, fullTitle: [...titles, spec.title].join(' ') }))
  return [...own, ...(suite.suites ?? []).flatMap((inner) => specsIn(inner, [...titles, inner.title]))]
}

function failuresOfSpec({ file, line, fullTitle, tests }: FoundSpec): Failure[] {
  return tests
    .filter(({ status }) => status === 'unexpected')
    .map(({ results = [] }) => {
      const error = results.flatMap(({ errors = [] }) => errors)[0]
      return { where: `e2e/${file}:${line}`, title: fullTitle, error: firstLine(error?.message) }
    })
}

function skippedOfSpec({ fullTitle, tests }: FoundSpec): string[] {
  return tests
    .filter(({ status }) => status === 'skipped')
    .map(({ annotations }) => [fullTitle, ...annotations.map(({ description }) => description ?? '')].join(': '))
}

function failureOutside({ message, location }: PlaywrightError): Failure {
  const where = location ? `${relative(root, location.file)}:${location.line}` : 'playwright'
  return { where, title: '', error: firstLine(message) }
}

function firstLine(text: string | undefined): string {
  const lines = stripVTControlCharacters(text ?? '').split('\n')
  return lines.map((line) => line.trim()).find((line) => line !== '') ?? 'no message'
}

function readReport(path: string): unknown {
  if (!existsSync(path)) return undefined
  return JSON.parse(readFileSync(path, 'utf8'))
}
