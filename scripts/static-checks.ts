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

/** The type checker takes 2.7 GiB with its usual collector, and 4.5 GiB without. */
const neededMib = 3_072

/**
 * The type checker is written in Go and lives for seconds. Its collector takes a third of the CPU time, so it runs only when half of
 * the free memory is used. On a small machine it works as usual: close to a limit it would do nothing else.
 */
function lazyCollector(): NodeJS.ProcessEnv {
  const limitMib = Math.floor(process.availableMemory() / 2 / 1024 ** 2)
  return limitMib < neededMib ? {} : { GOGC: 'off', GOMEMLIMIT: `${limitMib}MiB` }
}

async function runCheck({ name, commands }: Check): Promise<Outcome> {
  const outputs = []
  const env = lazyCollector()
  for (const [script = '', ...args] of commands) {
    const { code, output } = await runQuietly(process.execPath, [join(root, script), ...args], env)
    if (code === 0) continue
    outputs.push(output)
    console.log(output.trimEnd())
  }
  const isPassed = outputs.length === 0
  console.log(`${isPassed ? '✓' : '✗'} ${name}`)
  return { name, isPassed, output: outputs.join('\n') }
}
