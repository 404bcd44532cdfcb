/** One device that gives the edge as much work as it can, in a thread of its own. Ends with the thread. */
import type { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { createSecureContext } from 'node:tls'
import { parentPort, workerData } from 'node:worker_threads'
import { ecdhCurve, type Identity } from '../identities.ts'
import { connectAndStay, open, type Target } from './connections.ts'
import { download, sendSmall, smallRequest, upload } from './transfers.ts'

export const busyDevices = ['downloads', 'uploads', 'small requests', 'requests without waiting'] as const
type Business = (typeof busyDevices)[number]

export interface BusyOrder {
  target: Target
  business: Business
  pems: Identity['pems']
}

/** As many as the edge admits of one user. */
const connections = 64

/** In one write. */
const unanswered = 1_000

if (parentPort) {
  const { target, business, pems } = workerData as BusyOrder
  const identity = { ...pems, pems, secureContext: createSecureContext({ ...pems, ecdhCurve }) }
  const work = {
    downloads: (socket: Socket) => download(socket, Number.POSITIVE_INFINITY),
    uploads: (socket: Socket) => upload(socket, Number.POSITIVE_INFINITY),
    'small requests': (socket: Socket) => sendSmall([socket], Number.POSITIVE_INFINITY),
    'requests without waiting': async (socket: Socket) => {
      await sendWithoutWaiting(socket)
      for (;;) await open(target, identity, 'again').then(sendWithoutWaiting, () => wait(1))
    },
  }[business]
  const sockets = await connectAndStay(target, [identity], { count: connections, atOnce: 16, prefix: 'busy-' })
  parentPort.postMessage('ready')
  await Promise.all(sockets.map(work))
}

/** Resolves when the edge has ended the connection. */
async function sendWithoutWaiting(socket: Socket): Promise<void> {
  const closed = new Promise((done) => socket.once('close', done))
  socket.on('error', () => {}) // the edge resets the connection
  socket.resume().write(Buffer.concat(Array.from({ length: unanswered }, () => smallRequest)))
  await closed
}
