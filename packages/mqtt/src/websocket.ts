/** MQTT over WebSocket: upgrades HTTP requests and gives each connection to the engine as a stream of bytes. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws'

/** The subprotocol that a client must offer, and the one that the server selects [MQTT-6.0.0-3] [MQTT-6.0.0-4]. */
const subprotocol = 'mqtt'

/** Status codes of a WebSocket close frame, RFC 6455 §7.4.1. */
const closeCodes = { unsupportedData: 1003 } as const

/** The client sent what MQTT over WebSocket does not allow. The stream emits it as `error`; `ws` emits its own for malformed frames. */
export class WebSocketFault extends Error {}

/** Why an upgrade was refused. Each is an HTTP status. */
export type UpgradeRefusal = 'path' | 'subprotocol' | 'origin' | 'handshake'

const statusOf: Record<UpgradeRefusal, string> = {
  path: '404 Not Found',
  subprotocol: '400 Bad Request',
  origin: '403 Forbidden',
  handshake: '400 Bad Request',
}

export interface WebSocketOptions {
  /** The paths on which clients connect. */
  paths: readonly string[]
  /** The largest message of a WebSocket in bytes. A larger one is refused by the length in its header, before its bytes arrive. */
  maxMessageBytes: number
  /** Judges the `Origin` header (RFC 6454). Browsers send it, devices do not: it is not called without one. */
  isOriginAllowed(origin: string): boolean
}

/** Upgrades requests of one listener. */
export class WebSocketUpgrades {
  readonly #options: WebSocketOptions
  readonly #server: WebSocketServer

  constructor(options: WebSocketOptions) {
    this.#options = options
    this.#server = new WebSocketServer({
      noServer: true,
      // A compressed message can be a thousand times larger than its bytes on the wire.
      perMessageDeflate: false,
      maxPayload: options.maxMessageBytes,
      handleProtocols: () => subprotocol,
    })
  }

  /**
   * Answers an `upgrade` event of `node:http`.
   * @returns the bytes of the connection; or why it was refused. A refused socket is closed here.
   */
  accept(request: IncomingMessage, { socket, head }: { socket: Duplex; head: Buffer }): Duplex | UpgradeRefusal {
    const refusal = this.#judge(request)
    if (refusal) return refuse(socket, refusal)
    let stream: Duplex | null = null
    // Synchronous: `ws` calls back before it returns, or answers the client with an error itself.
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      stream = toStream(webSocket)
    })
    return stream ?? 'handshake'
  }

  #judge({ url = '', headers }: IncomingMessage): UpgradeRefusal | null {
    if (!this.#options.paths.includes(url.split('?', 1)[0] ?? '')) return 'path'
    const offered = headers['sec-websocket-protocol']?.split(',').map((name) => name.trim()) ?? []
    if (!offered.includes(subprotocol)) return 'subprotocol'
    if (headers.origin !== undefined && !this.#options.isOriginAllowed(headers.origin)) return 'origin'
    return null
  }
}

function refuse(socket: Duplex, refusal: UpgradeRefusal): UpgradeRefusal {
  socket.on('error', () => {}) // the client may have closed the connection already
  socket.end(`HTTP/1.1 ${statusOf[refusal]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
  return refusal
}

/** Packets may begin and end anywhere in the messages [MQTT-6.0.0-2]. The stream pauses the socket when it is not read. */
function toStream(webSocket: WebSocket): Duplex {
  const messages = new JoinedMessages((bytes) => {
    if (!stream.destroyed && !stream.push(bytes)) webSocket.pause()
  })
  // Before the stream listens, which destroys itself: what came before a malformed frame still counts.
  webSocket.once('error', () => messages.flush())
  const stream = createWebSocketStream(webSocket)
  // Instead of the listener of the stream, which would push each message for itself, and a text message too [MQTT-6.0.0-1].
  webSocket.removeAllListeners('message')
  webSocket.on('message', (data, isBinary) => {
    // The `binaryType` of a server's WebSocket is `nodebuffer`.
    if (isBinary) return messages.add(data as Buffer)
    messages.flush()
    webSocket.close(closeCodes.unsupportedData)
    stream.destroy(new WebSocketFault('a text message'))
  })
  // A malformed or too large frame closes the connection. The engine sees `close`.
  stream.on('error', () => {})
  return stream
}

/**
 * Joins the messages of one read from the socket: clients send each packet in a message of its own, and the engine takes a chunk of many
 * packets for much less CPU. What waits is not larger than that read and one message.
 */
class JoinedMessages {
  readonly #push: (bytes: Buffer) => void
  #waiting: Buffer[] = []

  constructor(push: (bytes: Buffer) => void) {
    this.#push = push
  }

  add(message: Buffer): void {
    // `ws` emits all messages of a read at once, before microtasks run.
    if (this.#waiting.length === 0) queueMicrotask(() => this.flush())
    this.#waiting.push(message)
  }

  flush(): void {
    const messages = this.#waiting
    if (messages.length === 0) return
    this.#waiting = []
    this.#push(messages.length === 1 ? messages[0]! : Buffer.concat(messages))
  }
}
