/** Finds which tables a source file reads and writes: through Kysely, in raw SQL, and in SQL that is text. */
import { type Program, Visitor } from 'oxc-parser'

export interface TableAccess {
  /** Null where the table's name is computed. Nobody can tell its owner, so it is always a breach. */
  table: string | null
  kind: 'reads' | 'writes'
}

/** The first argument of these methods of Kysely names a table, or is an array of such names. */
const builders: Record<string, TableAccess['kind']> = {
  insertInto: 'writes',
  updateTable: 'writes',
  deleteFrom: 'writes',
  mergeInto: 'writes',
  replaceInto: 'writes',
  selectFrom: 'reads',
  from: 'reads',
  using: 'reads',
  innerJoin: 'reads',
  leftJoin: 'reads',
  rightJoin: 'reads',
  fullJoin: 'reads',
  crossJoin: 'reads',
  innerJoinLateral: 'reads',
  leftJoinLateral: 'reads',
  crossJoinLateral: 'reads',
}

const isSql = /\b(select\b[\s\S]*\bfrom|insert\s+into|delete\s+from|update\s+\S+\s+set|with\s+(recursive\s+)?\w+)\b/i
const written = /\b(?:insert\s+into|delete\s+from|merge\s+into|replace\s+into|update)\s+"?([a-z_]+)/gi
/** What comes next in the statement is a table. */
const beforeTable = /\b(from|join|into|update)\s+$/i

/** @param tables All tables that there are. */
export function findTableAccesses(program: Program, tables: ReadonlySet<string>): TableAccess[] {
  const found: TableAccess[] = []
  const tagged = new Set<unknown>()

  /** SQL as text. Every word that is a table's name counts, also in `from a, b` and in a subquery. */
  const readSql = (text: string): void => {
    for (const [, table] of text.matchAll(written))
      if (table && tables.has(table)) found.push({ table, kind: 'writes' })
    for (const [table] of text.replace(written, ' ').matchAll(/(?<!\bas\s+)\b[a-z_]+\b/gi)) {
      if (tables.has(table)) found.push({ table, kind: 'reads' })
    }
  }

  /** What a builder is given: `'users'`, `'users as u'`, an array of these, or a subquery, which has builders of its own. */
  const readArgument = (argument: unknown, kind: TableAccess['kind']): void => {
    const node = argument as { type: string; value?: unknown; elements?: unknown[] } | undefined
    if (node?.type === 'Literal' && typeof node.value === 'string') {
      const name = /^\w+/.exec(node.value)?.[0] ?? ''
      if (tables.has(name)) found.push({ table: name, kind })
    } else if (node?.type === 'ArrayExpression') {
      for (const element of node.elements ?? []) readArgument(element, kind)
    } else if (node?.type === 'Identifier' || node?.type === 'TemplateLiteral' || node?.type === 'MemberExpression') {
      found.push({ table: null, kind })
    }
  }

  new Visitor({
    CallExpression({ callee, arguments: given }) {
      if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return
      const { name } = callee.property
      const isOnSql = callee.object.type === 'Identifier' && callee.object.name === 'sql'
      if (isOnSql && name === 'table') return readArgument(given[0], 'reads')
      if (callee.object.type === 'Identifier' && /^[A-Z]/.test(callee.object.name)) return // Buffer.from, Array.from
      const kind = Object.hasOwn(builders, name) ? builders[name] : undefined
      if (kind) readArgument(given[0], kind)
    },
    TaggedTemplateExpression({ tag, quasi }) {
      if (tag.type !== 'Identifier' || tag.name !== 'sql') return
      tagged.add(quasi)
      for (const [at, part] of quasi.quasis.entries()) {
        readSql(part.value.raw)
        const next = quasi.expressions[at]
        const isPlain = next?.type === 'CallExpression' && next.callee.type === 'MemberExpression'
        if (beforeTable.test(part.value.raw) && isPlain) readArgument(next.arguments[0], 'reads')
      }
    },
    TemplateLiteral(node) {
      const text = node.quasis.map((part) => part.value.raw).join('\0')
      if (tagged.has(node) || !isSql.test(text)) return
      readSql(text)
      if (node.quasis.slice(0, -1).some((part) => beforeTable.test(part.value.raw))) {
        found.push({ table: null, kind: 'reads' })
      }
    },
    Literal({ value }) {
      if (typeof value === 'string' && isSql.test(value)) readSql(value)
    },
  }).visit(program)
  return found
}
