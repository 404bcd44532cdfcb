/** A real OpenLDAP in a process of its own. alice is in the group of operators, bob is in none. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { end } from './outside.ts'

const root = resolve(import.meta.dirname, '../..')

interface Facts {
  url: string
  /** PEM of the CA of its certificate. */
  authorities: string
  /** The service account, and its password. */
  account: string
  accountPassword: string
  peopleBase: string
  groupBase: string
  /** The DN of the group. */
  operators: string
  /** Of alice and bob. */
  password: string
}

export interface Directory extends Facts {
  stop(): Promise<void>
}

export const hasDirectory = existsSync('/usr/sbin/slapd')

export async function startDirectory(): Promise<Directory> {
  const child = fork(join(root, 'apps/bff/test/slapd-process.ts'), {
    execPath: join(root, 'node_modules/node/bin/node'),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const [facts] = (await once(child, 'message')) as [Facts]
  return { ...facts, stop: () => end(child) }
}
