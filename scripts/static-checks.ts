/** The checks that run no code: types and lint, translations and format. */
import { join } from 'node:path'
import { root, runQuietly } from './run.mjs'

export interface Check {
  name: string
  commands: string[][]
}

export const staticChecks: Check[] = [
  {
    // The linter needs the types anyway, and reports the compiler's errors too: half the time of both.
    name: 'types and lint',
    commands: [['scripts/css-types.ts'], ['node_modules/oxlint/bin/oxlint', '--type-aware', '--type-check', '--quiet']],
  },
  { name: 'messages', commands: [['apps/web/vite/check-messages.ts']] },
  { name: 'format', commands: [['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings']] },
]

export interface Outcome {
  name: string
  isPassed: boolean
  /** What the failed commands printed. */
  output: string
}

/** Runs all checks, one after the other, also after a failure. */
export async function runStaticChecks(): Promise<Outcome[]> {
  const outcomes = []
  for (const check of staticChecks) outcomes.push(await runCheck(check))
  return outcomes
}

async function runCheck({ name, commands }: Check): Promise<Outcome> {
  const outputs = []
  for (const [script = '', ...args] of commands) {
    const { code, output } = await runQuietly(process.execPath, [join(root, script), ...args])
    if (code === 0) continue
    outputs.push(output)
    console.log(output.trimEnd())
  }
  const isPassed = outputs.length === 0
  console.log(`${isPassed ? '✓' : '✗'} ${name}`)
  return { name, isPassed, output: outputs.join('\n') }
}
