import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'apps/bff/{src,test}/**/*.test.ts',
      'apps/web/src/**/*.test.{ts,tsx}',
      'scripts/**/*.test.ts',
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
