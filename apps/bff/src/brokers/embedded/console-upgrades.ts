/** Passes the WebSocket connections of the console's port on to the broker's thread, which reads them. */
import type { IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { addressOfSocket, makeNetworks, parseAddress } from '../../platform/base/address.ts'
import { writeProxyHeader } from './proxy-header.ts'

const path = '/mqtt'

/** The headers of the upgrade (RFC 6455 §4.1). Others, such as cookies, do not concern the broker. */
const forwarded = [
  'host',
  'connection',
  'upgrade',
  'sec-websocket-key',
  'sec-websocket-version',
  'sec-websocket-protocol',
]

interface Options {
  /** The socket file of the broker. */
  socketPath: string
  /** The console's own. Browsers send their origin, devices do not (RFC 6454). */
  origins: ReadonlySet<string>
  trustedProxies: readonly string[]
}

export interface ConsoleUpgrades {
  /** Answers an `upgrade` event of `node:http`. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Ends all connections. */
  close(): void
}

export function makeConsoleUpgrades({ socketPath, origins, trustedProxies }: Options): ConsoleUpgrades {
  const isTrusted = makeNetworks(trustedProxies)
  const open = new Set<Duplex>()
  return {
    accept: (request, socket, head) => {
      const { url = '', headers } = request
      if (url.split('?', 1)[0] !== path) return refuse(socket, '404 Not Found')
      if (headers.origin !== undefined && !origins.has(headers.origin)) return refuse(socket, '403 Forbidden')
      open.add(socket)
      socket.once('close', () => open.delete(socket))
      const upstream = connect({ path: socketPath })
      upstream.write(writeProxyHeader(clientAddress(request, isTrusted)))
      upstream.write(requestHead(request), 'latin1')
      upstream.write(head)
      join(socket, upstream)
    },
    close: () => {
      for (const socket of open) socket.destroy()
    },
  }
}

/** `pipe` waits on both sides when the other does not read. */
function join(client: Duplex, upstream: Socket): void {
  client.pipe(upstream).pipe(client)
  client.on('error', () => upstream.destroy()).once('close', () => upstream.destroy())
  upstream.once('error', () => refuse(client, '503 Service Unavailable')).once('close', () => client.end())
}

function requestHead({ headers }: IncomingMessage): string {
  const lines = forwarded.flatMap((name) => (headers[name] === undefined ? [] : [`${name}: ${String(headers[name])}`]))
  return [`GET ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n')
}

/** As for requests: the last address that no trusted proxy has. What is not an address counts as the proxy's own. */
function clientAddress({ socket, headers }: IncomingMessage, isTrusted: (address: string) => boolean): string {
  const named = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',')
  let address = addressOfSocket(socket)
  while (isTrusted(address) && named.length > 0) {
    const next = parseAddress(named.pop()?.trim())
    if (next === null) break
    address = next
  }
  return address
}

function refuse(socket: Duplex, status: string): void {
  socket.on('error', () => {}) // the client may have closed the connection already
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
