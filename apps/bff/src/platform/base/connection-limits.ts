/**
 * Limits connections that have not identified themselves. Listeners that share the limits share one instance. When a
 * limit is reached, a new connection is accepted and another one is closed: the oldest silent one of the network that
 * has the most connections. A flood of idle connections therefore replaces itself, and does not block other clients.
 */
import type { Server, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type TLSSocket, Server as TlsServer } from 'node:tls'
import { addressOfSocket, networkOf } from './address.ts'
import { ConnectionsByNetwork, type NetworkGroup } from './connections-by-network.ts'

export interface ConnectionLimits {
  /** Open sockets, including identified ones. */
  most: number
  mostUnidentified: number
  /** The same limit for one network: one IPv4 address, or one IPv6 /64. */
  mostUnidentifiedPerNetwork: number
  /** The server closes a connection that sends nothing within this time. */
  firstByteWithinMs: number
}

export interface ConnectionLimiterOptions {
  limits: ConnectionLimits
  /** Addresses without a limit per network, because many clients share them: trusted proxies. */
  isExempt?: (address: string) => boolean
  /** Called when a connection is closed to make room, or is refused. Not called when a client sends nothing in time. */
  onDropped?: (dropped: Dropped) => void
}

export interface Dropped {
  socket: Socket
  address: string
  server: Server
}

interface UnidentifiedConnection extends Dropped {
  group: NetworkGroup<UnidentifiedConnection>
  arrivedAt: number
}

const sweepEveryMs = 1_000

export class ConnectionLimiter {
  readonly #options: ConnectionLimiterOptions
  /** All open sockets. Of a TLS connection, the TCP socket below TLS. */
  readonly #sockets = new Set<Socket>()
  readonly #unidentified = new Map<Duplex, UnidentifiedConnection>()
  readonly #byNetwork = new ConnectionsByNetwork<UnidentifiedConnection>(
    (connection) => connection.socket.bytesRead > 0,
  )
  /** In the order of connecting. The next sweep removes those that have sent something. */
  readonly #waitingForByte = new Set<UnidentifiedConnection>()
  readonly #belowTls = new WeakMap<Duplex, Duplex>()
  /** TCP sockets below TLS, by the addresses and ports of the connection. */
  readonly #handshakes = new Map<string, Socket>()
  readonly #timer: NodeJS.Timeout

  constructor(options: ConnectionLimiterOptions) {
    this.#options = options
    this.#timer = setInterval(() => this.#sweep(), sweepEveryMs).unref()
  }

  get size(): number {
    return this.#sockets.size
  }

  watch(server: Server): void {
    server.on('connection', (socket) => this.#accept(server, socket))
    server.on('secureConnection', (socket: TLSSocket) => this.#link(socket))
  }

  /**
   * The client has sent a request that anyone may send. It stays droppable, but after those that have sent no request.
   */
  served(socket: Duplex): void {
    const connection = this.#unidentified.get(this.#below(socket))
    if (connection) connection.group.served(connection)
  }

  /**
   * A proxy has named the client's address. From now on the limit per network counts for that one, and not for the proxy's, which may be
   * exempt.
   */
  moved(socket: Duplex, address: string): void {
    const connection = this.#unidentified.get(this.#below(socket))
    if (!connection) return
    const { limits, isExempt } = this.#options
    const group = this.#byNetwork.groupOf(networkOf(address))
    if (group === connection.group) return
    if (group.size >= limits.mostUnidentifiedPerNetwork && !isExempt?.(address)) this.#drop(group.nextToDrop())
    this.#byNetwork.remove(connection.group, connection)
    connection.address = address
    connection.group = this.#byNetwork.groupOf(group.network)
    this.#byNetwork.add(connection.group, connection)
  }

  /** The client has authenticated. The limiter no longer closes this connection. */
  identified(socket: Duplex): void {
    this.#stopLimiting(this.#below(socket))
  }

  /** Closes every connection. */
  close(): void {
    clearInterval(this.#timer)
    for (const socket of this.#sockets) socket.destroy()
  }

  #accept(server: Server, socket: Socket): void {
    const address = addressOfSocket(socket)
    if (!this.#makeRoom(address)) {
      this.#options.onDropped?.({ socket, address, server })
      socket.destroy()
      return
    }
    const group = this.#byNetwork.groupOf(networkOf(address))
    const connection = { socket, address, server, group, arrivedAt: performance.now() }
    this.#sockets.add(socket)
    this.#unidentified.set(socket, connection)
    this.#waitingForByte.add(connection)
    this.#byNetwork.add(group, connection)
    if (server instanceof TlsServer) this.#expectHandshake(socket)
    socket.once('close', () => {
      this.#sockets.delete(socket)
      this.#stopLimiting(socket)
    })
  }

  /** Returns false if every place is taken by an identified connection. */
  #makeRoom(address: string): boolean {
    const { limits, isExempt } = this.#options
    const { most, mostUnidentified, mostUnidentifiedPerNetwork } = limits
    const own = this.#byNetwork.groupOf(networkOf(address))
    if (own.size >= mostUnidentifiedPerNetwork && !isExempt?.(address)) this.#drop(own.nextToDrop())
    if (this.#sockets.size < most && this.#unidentified.size < mostUnidentified) return true
    return this.#drop(this.#byNetwork.largest()?.nextToDrop())
  }

  #drop(connection: UnidentifiedConnection | undefined): boolean {
    if (!connection) return false
    this.#options.onDropped?.(connection)
    this.#disconnect(connection)
    return true
  }

  #disconnect({ socket }: UnidentifiedConnection): void {
    this.#sockets.delete(socket)
    this.#stopLimiting(socket)
    socket.destroy()
  }

  #stopLimiting(socket: Duplex): void {
    const connection = this.#unidentified.get(socket)
    if (!connection) return
    this.#unidentified.delete(socket)
    this.#waitingForByte.delete(connection)
    this.#byNetwork.remove(connection.group, connection)
  }

  #sweep(): void {
    const arrivedBefore = performance.now() - this.#options.limits.firstByteWithinMs
    const late: UnidentifiedConnection[] = []
    for (const connection of this.#waitingForByte) {
      if (connection.arrivedAt > arrivedBefore) break
      this.#waitingForByte.delete(connection)
      late.push(connection)
    }
    // Node reads bytes that arrived while this thread was busy before it runs an immediate, so they still count.
    setImmediate(() => {
      for (const connection of late) if (connection.socket.bytesRead === 0) this.#disconnect(connection)
    })
  }

  #expectHandshake(socket: Socket): void {
    const endpoints = endpointsOf(socket)
    this.#handshakes.set(endpoints, socket)
    socket.once('close', () => {
      if (this.#handshakes.get(endpoints) === socket) this.#handshakes.delete(endpoints)
    })
  }

  /** A TLS socket does not expose the TCP socket below it, but both have the same addresses and ports. */
  #link(socket: TLSSocket): void {
    const below = this.#handshakes.get(endpointsOf(socket))
    if (below) this.#belowTls.set(socket, below)
  }

  #below(socket: Duplex): Duplex {
    return this.#belowTls.get(socket) ?? socket
  }
}

function endpointsOf({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localPort}`
}
