/** A client that sends one PINGREQ after the other, in a thread of its own, so that the load does not slow the measurement. */
import { setTimeout as wait } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { generate } from 'mqtt-packet'
import { type Account, join } from './messages.ts'

export interface BystanderOrder {
  port: number
  account: Account
}

const betweenPingsMs = 5

const { port, account } = workerData as BystanderOrder
const { socket, next } = await join(port, account, { clientId: 'bench-bystander' })
const stopped = new AbortController()
parentPort?.once('message', () => stopped.abort())
parentPort?.postMessage('ready')
let longestMs = 0
while (!stopped.signal.aborted) {
  const startedAt = performance.now()
  const answer = next('pingresp')
  socket.write(generate({ cmd: 'pingreq' }))
  await answer
  longestMs = Math.max(longestMs, performance.now() - startedAt)
  await wait(betweenPingsMs)
}
socket.destroy()
/** The longest wait, in seconds. */
parentPort?.postMessage(longestMs / 1_000)
