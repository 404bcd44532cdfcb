/** One device that gives the edge as much work as it can, in a thread of its own. Ends with the thread. */
import type { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { createSecureContext } from 'node:tls'
import { parentPort, workerData } from 'node:worker_threads'
import { ecdhCurve, type Identity } from '../identities.ts'
import { connectAndStay, open, type Target } from './connections.ts'
import { download, sendSmall, sendUpgraded, smallRequest, upload } from './transfers.ts'

export const busyDevices = [
  'downloads',
  'uploads',
  'small requests',
  'chunks of one byte',
  'requests without waiting',
  'upgraded connections',
] as const
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
  const again = () => open(target, identity, 'again')
  const work = {
    downloads: (socket: Socket) => download(socket, Number.POSITIVE_INFINITY),
    uploads: (socket: Socket) => upload(socket, Number.POSITIVE_INFINITY),
    'small requests': (socket: Socket) => sendSmall([socket], Number.POSITIVE_INFINITY),
    'chunks of one byte': (socket: Socket) => repeat(socket, again, sendTinyChunks),
    'requests without waiting': (socket: Socket) => repeat(socket, again, sendWithoutWaiting),
    'upgraded connections': (socket: Socket) => sendUpgraded(socket),
  }[business]
  const sockets = await connectAndStay(target, [identity], { count: connections, atOnce: 16, prefix: 'busy-' })
  parentPort.postMessage('ready')
  await Promise.all(sockets.map(work))
}

/** Sends, and connects again when the edge has ended the connection. */
async function repeat(
  socket: Socket,
  again: () => Promise<Socket>,
  send: (socket: Socket) => Promise<void>,
): Promise<void> {
  await send(socket)
  for (;;) await again().then(send, () => wait(1))
}

function sendWithoutWaiting(socket: Socket): Promise<void> {
  return sendUntilClosed(
    socket,
    Array.from({ length: unanswered }, () => smallRequest.toString()),
  )
}

function sendUntilClosed(socket: Socket, text: readonly string[]): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  socket.once('close', resolve)
  socket.on('error', () => {}) // the edge resets the connection
  socket.resume().write(text.join(''))
  return promise
}

/** One body that never ends. Each byte is a chunk (RFC 9112 §7.1). Resolves when the edge has ended the connection. */
function sendTinyChunks(socket: Socket): Promise<void> {
  return sendUntilClosed(socket, [
    'POST /taken HTTP/1.1\r\nHost: edge.example\r\nTransfer-Encoding: chunked\r\n\r\n',
    '1\r\nx\r\n'.repeat(100_000),
  ])
}
