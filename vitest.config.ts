import { globSync, readFileSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import { findPostgres } from './apps/bff/test/postgres-programs.ts'

const tests = [
  'packages/*/src/**/*.test.ts',
  'apps/bff/{src,test}/**/*.test.ts',
  'apps/web/src/**/*.test.{ts,tsx}',
  'scripts/**/*.test.ts',
]

const onlyPostgres = '**/*.postgres.test.ts'

/** Set by `npm test -- --all`: then the files called `*.all.test.ts` run too. */
const onlyAll = process.env['GATEHOUSE_TEST_ALL'] ? [] : ['**/*.all.test.ts']

/**
 * A feature that starts the application or its broker is tested on both databases; nobody has to remember to say so. What is
 * in `test/` is about HTTP, and what starts processes about starting: for those, `*.postgres.test.ts` is there.
 */
const onPostgres = globSync('apps/bff/src/**/*.test.ts').filter((file) => {
  const text = readFileSync(file, 'utf8')
  if (file.endsWith('.postgres.test.ts')) return true
  return /\b(startApp|startWorld|makeDatabase)\(/.test(text) && !/\bstartServer\(/.test(text)
})

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: { name: 'sqlite', include: tests, exclude: ['**/node_modules/**', onlyPostgres, ...onlyAll] },
      },
      ...(findPostgres()
        ? [
            {
              extends: true as const,
              test: { name: 'postgres', include: onPostgres, globalSetup: 'apps/bff/test/postgres-server.ts' },
            },
          ]
        : []),
    ],
    // Processes, not threads: the tests of the bff start a real server with a thread of its own, native modules and timers.
    pool: 'forks',
    maxWorkers: 2,
    // Nothing is mocked, so the files have nothing to hide from each other: what they import is loaded once, a third of the time.
    isolate: false,
    // argon2, key pairs and real TLS on a busy machine: a limit is there to end what hangs, it measures nothing.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    passWithNoTests: false,
  },
})
