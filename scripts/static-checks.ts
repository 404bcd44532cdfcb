/** The checks that run no code: types, lint, translations and format. */
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { root, runQuietly } from './run.mjs'

export interface Check {
  name: string
  commands: string[][]
}

const tsc = 'node_modules/typescript/bin/tsc'
const tsconfigs = globSync(
  [
    'packages/*/tsconfig.json',
    'apps/*/tsconfig.json',
    'bench/tsconfig.json',
    'e2e/tsconfig.json',
    'scripts/tsconfig.json',
  ],
  {
    cwd: root,
  },
)

export const staticChecks: Check[] = [
  {
    name: 'types',
    commands: [
      ['scripts/css-types.ts'],
      ...tsconfigs.map((tsconfig) => [tsc, '--noEmit', '--pretty', '--project', tsconfig]),
    ],
  },
  { name: 'lint', commands: [['node_modules/oxlint/bin/oxlint', '--type-aware', '--quiet']] },
  { name: 'messages', commands: [['apps/web/check-messages.ts']] },
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
