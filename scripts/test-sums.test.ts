import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { root } from './run.mjs'
import { add, describeFailure, failed, passed, sumPlaywright, sumVitest } from './test-sums.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-sums-'))
afterAll(() => rmSync(folder, { recursive: true }))

function report(content: object): string {
  const path = join(folder, `${Math.random()}.json`)
  writeFileSync(path, JSON.stringify(content))
  return path
}

const red = (text: string) => `\u001b[31m${text}\u001b[39m`

test('names a failed Vitest test by file, full title and first line of the error', () => {
  const assertionResults = [
    {
      fullName: 'users rejects a taken name',
      status: 'failed',
      failureMessages: [`${red('Error: expected 1')}\n  at x`],
    },
    { fullName: 'users creates', status: 'passed', failureMessages: [] },
    { fullName: 'users waits', status: 'pending', failureMessages: [] },
  ]
  const testResults = [{ name: join(root, 'apps/users.test.ts'), status: 'failed', message: '', assertionResults }]
  const sum = sumVitest(report({ numPassedTests: 1, testResults }), 1)
  expect(sum).toMatchObject({ passed: 1, skipped: ['users waits'] })
  expect(sum.failed.map(describeFailure)).toEqual([
    'failed: apps/users.test.ts > users rejects a taken name: Error: expected 1',
  ])
})

test('names a Vitest file that did not load', () => {
  const testResults = [
    { name: join(root, 'apps/x.test.ts'), status: 'failed', message: 'Cannot find y\nmore', assertionResults: [] },
  ]
  const sum = sumVitest(report({ numPassedTests: 0, testResults }), 1)
  expect(sum.failed.map(describeFailure)).toEqual(['failed: apps/x.test.ts Cannot find y'])
})

test('counts a bad exit code as a failure when the report names none', () => {
  expect(sumVitest(report({ numPassedTests: 1, testResults: [] }), 1).failed).toHaveLength(1)
  expect(sumPlaywright(report({ stats: { expected: 1, unexpected: 0, flaky: 0, skipped: 0 } }), 1).failed).toHaveLength(
    1,
  )
  expect(sumVitest(report({ numPassedTests: 1, testResults: [] }), 0).failed).toEqual([])
})

test('counts a missing report as a failure, also after exit code 0', () => {
  expect(sumVitest(join(folder, 'none.json'), 0).failed).toHaveLength(1)
  expect(sumPlaywright(join(folder, 'none.json'), 0).failed).toHaveLength(1)
})

const spec = (title: string, status: string) => ({
  title,
  file: 'users.spec.ts',
  line: 12,
  tests: [
    {
      status,
      annotations: [{ type: 'skip', description: 'not installed: curl' }],
      results: [{ errors: [{ message: `${red('Error: strict mode violation')}\n  at y` }] }],
    },
  ],
})

test('names a failed story by file, line, full title and first line of the error', () => {
  const inner = { title: 'import', specs: [spec('reads a file', 'unexpected'), spec('asks', 'skipped')] }
  const content = {
    stats: { expected: 3, unexpected: 1, flaky: 0, skipped: 1 },
    suites: [{ title: 'users.spec.ts', suites: [inner] }],
    errors: [{ message: 'Cannot find z', location: { file: join(root, 'e2e/z.spec.ts'), line: 3 } }],
  }
  const sum = sumPlaywright(report(content), 1)
  expect(sum).toMatchObject({ passed: 3, skipped: ['import asks: not installed: curl'] })
  expect(sum.failed.map(describeFailure)).toEqual([
    'failed: e2e/users.spec.ts:12 > import reads a file: Error: strict mode violation',
    'failed: e2e/z.spec.ts:3 Cannot find z',
  ])
})

test('adds the sums and keeps every failure', () => {
  const sum = add([passed(2), failed('lint', '\n  × no-unused\nmore'), failed('bench smoke', '')])
  expect(sum).toMatchObject({ passed: 2, skipped: [] })
  expect(sum.failed.map(describeFailure)).toEqual(['failed: lint × no-unused', 'failed: bench smoke no message'])
})
