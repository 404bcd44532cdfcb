/** Many devices that reconnect at the same moment, in a thread of their own, so that they do not slow the measurement. */
import { createSecureContext, type TLSSocket } from 'node:tls'
import { parentPort, workerData } from 'node:worker_threads'
import { ecdhCurve, type Identity } from '../identities.ts'
import { open, pick, type Target } from './connections.ts'

export interface StormOrder {
  target: Target
  count: number
  machines: Identity['pems'][]
}

export interface StormOutcome {
  admitted: number
  failures: string[]
}

const { target, count, machines } = workerData as StormOrder
const identities = machines.map((pems) => ({ ...pems, secureContext: createSecureContext({ ...pems, ecdhCurve }) }))
const attempts = Array.from({ length: count }, (_, at) => open(target, pick(identities, at), `storm-${at}`))
const outcomes = await Promise.allSettled(attempts)
const sockets: TLSSocket[] = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason)] : []))
parentPort?.postMessage({ admitted: sockets.length, failures } satisfies StormOutcome)
parentPort?.once('message', () => {
  for (const socket of sockets) socket.destroy()
})
