/** A TCP proxy that delays answers, holds them back, and counts round trips. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface SlowProxy {
  port: number
  /** Round trips since the last call. Requests that were sent before the first answer came are one, on all connections together. */
  takeRounds(): number
  /** From now on no answer passes. */
  hold(): void
  /** The answers that were held pass. */
  release(): void
  stop(): void
}

/** Long enough that requests of the same moment come before the first answer. */
const delayMs = 20

export async function startSlowProxy(to: { host: string; port: number }): Promise<SlowProxy> {
  const sockets = new Set<Socket>()
  const held: (() => void)[] = []
  let isHeld = false
  let rounds = 0
  let isWaiting = false
  const server = createServer((client) => {
    const upstream = connect(to)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.once('close', () => {
        client.destroy()
        upstream.destroy()
      })
    }
    client.on('data', (data) => {
      if (!isWaiting) rounds++
      isWaiting = true
      upstream.write(data)
    })
    upstream.on('data', (data) => {
      const pass = () => {
        isWaiting = false
        client.write(data)
      }
      if (isHeld) held.push(pass)
      else setTimeout(pass, delayMs)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    takeRounds: () => {
      const counted = rounds
      rounds = 0
      return counted
    },
    hold: () => {
      isHeld = true
    },
    release: () => {
      isHeld = false
      for (const pass of held.splice(0)) pass()
    },
    stop: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
