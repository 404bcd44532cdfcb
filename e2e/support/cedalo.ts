/** The fake Cedalo broker in a process of its own. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { end, followLines } from './outside.ts'

const root = resolve(import.meta.dirname, '../..')

export interface FakeCedalo {
  port: number
  /** The broker refuses each deletion of a CA with these words. Null: it does not. Returns the number of files by listener. */
  refuseDeletions(words: string | null): Promise<Map<number, number>>
  stop(): Promise<void>
}

export async function startCedalo(): Promise<FakeCedalo> {
  const child = fork(join(root, 'apps/bff/test/fake-cedalo-process.ts'), {
    execPath: join(root, 'node_modules/node/bin/node'),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  followLines(child, () => {})
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  return {
    port,
    refuseDeletions: async (words) => {
      const answered = once(child, 'message')
      child.send({ words })
      const [{ files }] = (await answered) as [{ files: [number, number][] }]
      return new Map(files)
    },
    stop: () => end(child),
  }
}
