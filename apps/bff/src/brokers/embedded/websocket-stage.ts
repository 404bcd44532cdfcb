/** Upgrades the connections of a listener to WebSocket. The HTTP server does not listen: it takes streams by its event `connection`. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { RefusalReason } from '@gatehouse/contract/brokers/broker'
import { type UpgradeRefusal, WebSocketFault, WebSocketUpgrades } from '@gatehouse/mqtt/websocket'

const maxHeaderBytes = 8 * 1024

interface Options {
  maxMessageBytes: number
  isOriginAllowed(origin: string): boolean
  /** `stream` carries the bytes of MQTT that arrive in WebSocket messages on `socket`. */
  onUpgraded(stream: Duplex, socket: Duplex): void
  /** The connection is closed already. */
  onRefused(socket: Duplex, reason: RefusalReason): void
}

export function makeWebSocketServer(options: Options): Server {
  const { maxMessageBytes, isOriginAllowed, onUpgraded, onRefused } = options
  const upgrades = new WebSocketUpgrades({ paths: ['/mqtt', '/'], maxMessageBytes, isOriginAllowed })
  const server = createServer({ maxHeaderSize: maxHeaderBytes, keepAlive: false })
  server.on('request', (request, response) => {
    refuseRequest(response)
    onRefused(request.socket, 'websocket_handshake')
  })
  server.on('clientError', (_error, socket) => {
    socket.destroy()
    onRefused(socket, 'websocket_handshake')
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const result = upgrades.accept(request, { socket, head })
    if (typeof result === 'string') return onRefused(socket, refusals[result])
    result.on('error', (error) => {
      if (isFrameFault(error)) onRefused(socket, 'websocket_frame')
    })
    onUpgraded(result, socket)
  })
  return server
}

const refusals: Record<UpgradeRefusal, RefusalReason> = {
  path: 'websocket_path',
  subprotocol: 'websocket_subprotocol',
  origin: 'websocket_origin',
  handshake: 'websocket_handshake',
}

/** RFC 9110 §15.5.22 */
function refuseRequest(response: ServerResponse): void {
  response.writeHead(426, { Upgrade: 'websocket', Connection: 'close, Upgrade', 'Content-Length': 0 }).end()
}

function isFrameFault(error: Error): boolean {
  const code = 'code' in error ? String(error.code) : ''
  return error instanceof WebSocketFault || code.startsWith('WS_ERR_')
}
