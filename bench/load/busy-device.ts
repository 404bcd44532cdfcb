/** One device that gives the edge as much work as it can, in a thread of its own. Ends with the thread. */
import type { Socket } from 'node:net'
import { createSecureContext } from 'node:tls'
import { parentPort, workerData } from 'node:worker_threads'
import { ecdhCurve, type Identity } from '../identities.ts'
import { connectAndStay, type Target } from './connections.ts'
import { download, sendSmall, upload } from './transfers.ts'

export const busyDevices = ['downloads', 'uploads', 'small requests'] as const
type Business = (typeof busyDevices)[number]

export interface BusyOrder {
  target: Target
  business: Business
  pems: Identity['pems']
}

/** As many as the edge admits of one user. */
const connections = 64

if (parentPort) {
  const { target, business, pems } = workerData as BusyOrder
  const identity = { ...pems, pems, secureContext: createSecureContext({ ...pems, ecdhCurve }) }
  const sockets = () => connectAndStay(target, [identity], { count: connections, atOnce: 16, prefix: 'busy-' })
  const work = {
    downloads: (socket: Socket) => download(socket, Number.POSITIVE_INFINITY),
    uploads: (socket: Socket) => upload(socket, Number.POSITIVE_INFINITY),
    'small requests': (socket: Socket) => sendSmall([socket], Number.POSITIVE_INFINITY),
  }[business]
  const open = await sockets()
  parentPort.postMessage('ready')
  await Promise.all(open.map(work))
}
