/** `npm run check`: types, lint, translations and format, in a few seconds. `npm run check -- --fix` fixes what can be fixed automatically. */
import { join } from 'node:path'
import { root, run } from './run.mjs'
import { runStaticChecks } from './static-checks.ts'

if (process.argv.includes('--fix')) {
  await run(process.execPath, [join(root, 'apps/web/vite/check-messages.ts'), '--fix'])
  await run(process.execPath, [join(root, 'node_modules/oxlint/bin/oxlint'), '--fix', '--quiet'])
  await run(process.execPath, [join(root, 'node_modules/@biomejs/biome/bin/biome'), 'check', '--write'])
}

const outcomes = await runStaticChecks()
process.exitCode = outcomes.every((outcome) => outcome.isPassed) ? 0 : 1
