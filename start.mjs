/**
 * The entry point: `npm start`, `npm test` and the other scripts run this file with any Node that the machine has. It
 * installs what is missing and starts the pinned Node. Plain JavaScript without packages, because it runs before they
 * are installed.
 */
import { buildWebApp } from './scripts/build-web-app.mjs'
import { install } from './scripts/install.mjs'
import { pinnedNode, run } from './scripts/run.mjs'

const tasks = {
  start: { needs: [install, buildWebApp], entry: 'apps/bff/src/main.ts' },
  build: { needs: [install, buildWebApp], entry: undefined },
  agent: { needs: [install], entry: 'apps/bff/src/agent.ts' },
  admin: { needs: [install], entry: 'apps/bff/src/admin.ts' },
  dev: { needs: [install], entry: 'scripts/dev.ts' },
  seed: { needs: [install], entry: 'scripts/seed.ts' },
  test: { needs: [install], entry: 'scripts/test.ts' },
  check: { needs: [install], entry: 'scripts/check.ts' },
  bench: { needs: [install, buildWebApp], entry: 'bench/run.ts' },
  screenshots: { needs: [install, buildWebApp], entry: 'scripts/screenshots.ts' },
  pictures: { needs: [install, buildWebApp], entry: 'scripts/doc-pictures.ts' },
}

const [name = 'start', ...args] = process.argv.slice(2)

try {
  if (!Object.hasOwn(tasks, name))
    throw new Error(`There is no task "${name}"; there are: ${Object.keys(tasks).join(', ')}.`)
  const { needs, entry } = tasks[/** @type {keyof typeof tasks} */ (name)]
  for (const bring of needs) await bring()
  if (entry) process.exitCode = await run(pinnedNode, [entry, ...args])
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
