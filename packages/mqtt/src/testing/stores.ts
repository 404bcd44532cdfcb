/** The durable stores of the package, each with its way to open it in a folder. Tests of the port run over all of them. */
import { join } from 'node:path'
import { openLogStore } from '../log-store.ts'
import { openSqliteStore } from '../sqlite-store.ts'
import type { Store } from '../store.ts'

export const stores: Record<'log' | 'sqlite', (folder: string) => Promise<Store>> = {
  log: (folder) => openLogStore(join(folder, 'broker.log')),
  sqlite: (folder) => openSqliteStore(join(folder, 'broker.db')),
}
