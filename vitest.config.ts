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

/** Whatever starts the application or its broker runs on both databases; nobody has to remember to say so. */
const onBoth = globSync('apps/bff/{src,test}/**/*.test.ts').filter((file) =>
  /\bstart(App|World|Server)\(/.test(readFileSync(file, 'utf8')),
)

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'sqlite', include: tests, exclude: ['**/node_modules/**', onlyPostgres] } },
      ...(findPostgres()
        ? [
            {
              extends: true as const,
              test: { name: 'postgres', include: onBoth, globalSetup: 'apps/bff/test/postgres-server.ts' },
            },
          ]
        : []),
    ],
    // Processes, not threads: the tests of the bff start a real server with a thread of its own, native modules and timers.
    pool: 'forks',
    maxWorkers: 2,
    // argon2, key pairs and real TLS on a busy machine: a limit is there to end what hangs, it measures nothing.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    passWithNoTests: false,
  },
})
