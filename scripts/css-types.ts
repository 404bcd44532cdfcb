/**
 * Writes the types of the CSS modules of the console into `apps/web/css-types`, so that a class that its style sheet
 * lacks is a type error. `npm run check` runs it before the compiler.
 */
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { transform } from 'lightningcss'
import { root } from './run.mjs'

const source = join(root, 'apps/web/src')
const target = join(root, 'apps/web/css-types')

rmSync(target, { recursive: true, force: true })
for (const file of globSync('**/*.module.css', { cwd: source })) {
  const path = join(target, `${file}.d.ts`)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, typesOf(file))
}

function typesOf(file: string): string {
  const { exports } = transform({ filename: file, code: readFileSync(join(source, file)), cssModules: true })
  if (!exports) throw new Error(`${file} is no CSS module`)
  const names = Object.keys(exports).toSorted()
  const fields = names.map((name) => `  readonly ${JSON.stringify(name)}: string\n`).join('')
  return `declare const classes: {\n${fields}}\nexport default classes\n`
}
