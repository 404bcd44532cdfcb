import { defineConfig } from 'vitest/config'
import { filesOnPostgres, onlyPostgres } from './apps/bff/test/postgres-files.ts'
import { findPostgres } from './apps/bff/test/postgres-programs.ts'
import { messages } from './apps/web/vite/messages-plugin.ts'

const tests = [
  'packages/*/src/**/*.test.ts',
  'apps/bff/{src,test}/**/*.test.ts',
  'apps/web/{src,vite}/**/*.test.{ts,tsx}',
  'scripts/**/*.test.ts',
]

/** Set by `npm test -- --all`: then the files called `*.all.test.ts` run too, and every feature on both databases. */
const isAll = Boolean(process.env['GATEHOUSE_TEST_ALL'])
const onlyAll = isAll ? [] : ['**/*.all.test.ts']

export default defineConfig({
  plugins: [messages('en')],
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
              test: {
                name: 'postgres',
                include: filesOnPostgres({ isAll }),
                globalSetup: 'apps/bff/test/postgres-server.ts',
              },
            },
          ]
        : []),
    ],
    // Processes, not threads: the tests of the bff start a real server with its own thread, native modules and timers.
    pool: 'forks',
    // On two cores, beside two workers of the stories: a test waits for sockets and timers. So both end at the same time.
    maxWorkers: 3,
    // Each application starts a thread with a heap of its own. A larger young generation saves a tenth of the CPU time.
    execArgv: ['--min-semi-space-size=16', '--max-semi-space-size=64'],
    // Nothing is mocked, so the files need no isolation: each module is loaded once, which saves a third of the time.
    isolate: false,
    // argon2, key pairs and real TLS on a busy machine: the limit only ends tests that hang.
    // With --all there are ten times as many generated cases.
    testTimeout: isAll ? 900_000 : 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    // The default of one second is too short for a busy machine.
    expect: { poll: { interval: 20, timeout: 30_000 } },
    passWithNoTests: false,
  },
})
