import { existsSync, globSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The folder of the newest PostgreSQL programs; null if not installed. Debian does not put them into the PATH. */
export function findPostgres(): string | null {
  const debian = globSync('/usr/lib/postgresql/*/bin').toSorted((a, b) => versionIn(b) - versionIn(a))
  const folders = [...debian, ...(process.env.PATH ?? '').split(delimiter)]
  return folders.find((folder) => existsSync(join(folder, 'initdb'))) ?? null
}

function versionIn(path: string): number {
  return Number(/\d+/.exec(path)?.[0])
}
