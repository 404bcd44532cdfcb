/** The thread of `disk.ts`: one call after the other. */
import { parentPort } from 'node:worker_threads'
import type { DiskAnswer, DiskRequest } from './disk.ts'
import { diskCalls } from './disk-calls.ts'

const port = parentPort
if (!port) throw new Error('disk-thread.ts runs as a thread')

port.on('message', ({ name, argument }: DiskRequest) => {
  const answer = run(name, argument)
  const { result } = answer
  port.postMessage(answer, result instanceof Uint8Array ? [result.buffer as ArrayBuffer] : [])
})

function run(name: DiskRequest['name'], argument: DiskRequest['argument']): DiskAnswer {
  try {
    const call = diskCalls[name] as (argument: DiskRequest['argument']) => unknown
    return { result: call(argument), error: undefined }
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException
    return { result: undefined, error: { message, code } }
  }
}
