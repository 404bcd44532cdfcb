/**
 * Which test files run on PostgreSQL too. A file asks for it with the first line `// @postgres`: it tests stores, races,
 * the SQL dialect or migrations. `npm test -- --all` runs every feature file that can on both databases.
 */
import { globSync, readFileSync } from 'node:fs'

const tag = '// @postgres'

/** Files that run on PostgreSQL only. */
export const onlyPostgres = '**/*.postgres.test.ts'

/** Paths relative to the repository. `isAll`: also the files without the tag. */
export function filesOnPostgres({ isAll }: { isAll: boolean }): string[] {
  return globSync('apps/bff/src/**/*.test.ts', { cwd: new URL('../../..', import.meta.url) }).filter((file) => {
    if (file.endsWith('.postgres.test.ts')) return true
    const text = readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8')
    return text.startsWith(`${tag}\n`) || (isAll && canRunOnPostgres(text))
  })
}

/**
 * Functions such as `startEdgeWorld` start an app too. A file that starts processes runs on SQLite only: it does not pass them the address
 * of a PostgreSQL server.
 */
function canRunOnPostgres(text: string): boolean {
  return /\b(start\w*App|start\w*World|makeDatabase)\(/.test(text) && !/\bstartServer\(/.test(text)
}
