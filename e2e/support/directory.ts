/** A real OpenLDAP in a process of its own. alice is in the group of operators, bob is in none. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

interface Facts {
  url: string
  /** Without TLS. */
  plainUrl: string
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

/** `people`: further ones, `person0` and so on, all in the group `everybody`, each with the entryUUID of `uuidOf`. */
export async function startDirectory({ people = 0 } = {}): Promise<Directory> {
  const child = fork(join(root, 'apps/bff/test/slapd-process.ts'), [String(people)], {
    execPath: join(root, 'node_modules/node/bin/node'),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const [facts] = (await once(child, 'message')) as [Facts]
  return {
    ...facts,
    stop: async () => {
      const ended = once(child, 'exit')
      child.kill()
      await ended
    },
  }
}

export function uuidOf(person: number): string {
  return `00000000-0000-4000-8000-${person.toString(16).padStart(12, '0')}`
}
