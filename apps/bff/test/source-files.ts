/** Parses source files: their imports, and the guarded globals that they use. */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseSync, Visitor } from 'oxc-parser'
import { findTableAccesses, type TableAccess } from './table-accesses.ts'
import { tableOwners } from './table-owners.ts'

export const root = resolve(import.meta.dirname, '../../..')

export interface Import {
  /** The path below the root for our files (`packages/contract/src/identity/users.ts`), else the package (`express`, `node:fs`). */
  target: string
  /** As written in the import. */
  specifier: string
  /** Erased at run time. */
  isType: boolean
}

export interface SourceFile {
  /** Below the root. */
  path: string
  lines: number
  imports: Import[]
  usesEnvironment: boolean
  usesClock: boolean
  /** Of the server's files; empty for the others. */
  tables: TableAccess[]
}

const tableNames = new Set(Object.keys(tableOwners))

const patterns = [
  'apps/*/{src,test}/**/*.{ts,tsx}',
  'packages/*/src/**/*.ts',
  'e2e/**/*.ts',
  'scripts/**/*.{ts,mjs}',
  'bench/**/*.ts',
]

export function readSourceFiles(): SourceFile[] {
  const paths = globSync(patterns, { cwd: root, exclude: (path) => /node_modules|\.gen\./.test(path) })
  return paths.toSorted().map((path) => readSourceFile(path, readFileSync(join(root, path), 'utf8')))
}

export function readSourceFile(path: string, text: string): SourceFile {
  const { program, module, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path}: ${errors.map((error) => error.message).join('; ')}`)
  const imports: Import[] = []
  const note = (specifier: string, isType: boolean) =>
    imports.push({ target: resolveTarget(path, specifier), specifier, isType })
  let usesEnvironment = false
  let usesClock = false

  for (const { moduleRequest, entries } of module.staticImports) {
    note(moduleRequest.value, entries.length > 0 && entries.every((entry) => entry.isType))
  }
  for (const { entries } of module.staticExports) {
    for (const entry of entries) if (entry.moduleRequest) note(entry.moduleRequest.value, entry.isType)
  }
  new Visitor({
    ImportExpression({ source }) {
      if (source.type === 'Literal' && typeof source.value === 'string') note(source.value, false)
    },
    TSImportType({ source }) {
      note(source.value, true)
    },
    // Also `const { env } = process`.
    Identifier(node) {
      if (node.name === 'process' && /^process(\.env\b|\[|\s*$)/m.test(text.slice(node.start, node.start + 12)))
        usesEnvironment = true
    },
    CallExpression({ callee }) {
      const isNow =
        callee.type === 'MemberExpression' && callee.property.type === 'Identifier' && callee.property.name === 'now'
      if (isNow && callee.object.type === 'Identifier' && callee.object.name === 'Date') usesClock = true
      if (callee.type === 'Identifier' && callee.name === 'Date') usesClock = true
    },
    NewExpression({ callee, arguments: given }) {
      if (callee.type === 'Identifier' && callee.name === 'Date' && given.length === 0) usesClock = true
    },
  }).visit(program)

  usesEnvironment ||= imports.some((each) => /^(node:)?process$/.test(each.specifier))
  const tables = path.startsWith('apps/bff/src/') ? findTableAccesses(program, tableNames) : []
  return { path, lines: text.split('\n').length, imports, usesEnvironment, usesClock, tables }
}

function resolveTarget(path: string, specifier: string): string {
  if (specifier.startsWith('.')) return join(dirname(path), specifier)
  const own = /^@gatehouse\/(contract|pki|mqtt)\/(.+)$/.exec(specifier)
  if (own) return `packages/${own[1]}/src/${own[2]}.ts`
  return specifier
}
