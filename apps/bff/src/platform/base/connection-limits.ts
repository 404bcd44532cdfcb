/**
 * Bounds on connections that have not identified themselves, one instance for the listeners that share them. When they are
 * reached, the newcomer gets in and another connection goes: the oldest silent one of the network that has the most of them.
 * So a stranger who opens connections and leaves them idle takes the places of other idle ones, and nobody has to wait.
 */
import type { Server, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type TLSSocket, Server as TlsServer } from 'node:tls'
import { addressOfSocket, networkOf } from './address.ts'
import { type Crowd, Crowds } from './crowds.ts'

export interface ConnectionLimits {
  /** Open sockets, with those that have identified themselves. */
  most: number
  mostUnidentified: number
  /** The same from one network: one IPv4 address, or one IPv6 /64. */
  mostUnidentifiedPerNetwork: number
  /** A client that has sent nothing by then is disconnected. */
  firstByteWithinMs: number
}

export interface ConnectionLimiterOptions {
  limits: ConnectionLimits
  /** Of addresses without a limit of their own, because many clients come from them: trusted proxies. */
  isExempt?: (address: string) => boolean
  /** A connection was closed to make room, or refused. Not called for those that sent nothing in time. */
  onDropped?: (dropped: Dropped) => void
}

export interface Dropped {
  socket: Socket
  address: string
  server: Server
}

interface Guest extends Dropped {
  crowd: Crowd<Guest>
  arrivedAt: number
}

const sweepEveryMs = 1_000

export class ConnectionLimiter {
  readonly #options: ConnectionLimiterOptions
  /** All open sockets; as the operating system has them, below TLS. */
  readonly #sockets = new Set<Socket>()
  readonly #unidentified = new Map<Duplex, Guest>()
  readonly #crowds = new Crowds<Guest>((guest) => guest.socket.bytesRead > 0)
  /** In the order of their arrival; who has sent something leaves with the next sweep. */
  readonly #waitingForByte = new Set<Guest>()
  readonly #belowTls = new WeakMap<Duplex, Duplex>()
  /** Sockets below TLS, by the place of their connection. */
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
    server.on('connection', (socket) => this.#enter(server, socket))
    server.on('secureConnection', (socket: TLSSocket) => this.#link(socket))
  }

  /** It has asked for something that anybody may have. It stays among the first to go, after those that have not. */
  served(socket: Duplex): void {
    const guest = this.#unidentified.get(this.#below(socket))
    if (guest) guest.crowd.served(guest)
  }

  /** It has proved who it is: from now on it is not closed for a newcomer. */
  identified(socket: Duplex): void {
    this.#forget(this.#below(socket))
  }

  /** Closes every connection. */
  close(): void {
    clearInterval(this.#timer)
    for (const socket of this.#sockets) socket.destroy()
  }

  #enter(server: Server, socket: Socket): void {
    const address = addressOfSocket(socket)
    if (!this.#makeRoom(address)) {
      this.#options.onDropped?.({ socket, address, server })
      socket.destroy()
      return
    }
    const crowd = this.#crowds.of(networkOf(address))
    const guest = { socket, address, server, crowd, arrivedAt: performance.now() }
    this.#sockets.add(socket)
    this.#unidentified.set(socket, guest)
    this.#waitingForByte.add(guest)
    this.#crowds.add(crowd, guest)
    if (server instanceof TlsServer) this.#expectHandshake(socket)
    socket.once('close', () => {
      this.#sockets.delete(socket)
      this.#forget(socket)
    })
  }

  /** False where every place is taken by somebody who is identified. */
  #makeRoom(address: string): boolean {
    const { limits, isExempt } = this.#options
    const { most, mostUnidentified, mostUnidentifiedPerNetwork } = limits
    const own = this.#crowds.of(networkOf(address))
    if (own.size >= mostUnidentifiedPerNetwork && !isExempt?.(address)) this.#drop(own.first())
    if (this.#sockets.size < most && this.#unidentified.size < mostUnidentified) return true
    return this.#drop(this.#crowds.largest()?.first())
  }

  #drop(guest: Guest | undefined): boolean {
    if (!guest) return false
    this.#options.onDropped?.(guest)
    this.#disconnect(guest)
    return true
  }

  #disconnect({ socket }: Guest): void {
    this.#sockets.delete(socket)
    this.#forget(socket)
    socket.destroy()
  }

  #forget(socket: Duplex): void {
    const guest = this.#unidentified.get(socket)
    if (!guest) return
    this.#unidentified.delete(socket)
    this.#waitingForByte.delete(guest)
    this.#crowds.remove(guest.crowd, guest)
  }

  #sweep(): void {
    const arrivedBefore = performance.now() - this.#options.limits.firstByteWithinMs
    const late: Guest[] = []
    for (const guest of this.#waitingForByte) {
      if (guest.arrivedAt > arrivedBefore) break
      this.#waitingForByte.delete(guest)
      late.push(guest)
    }
    // What has arrived while this thread was busy is read before an immediate runs: it counts.
    setImmediate(() => {
      for (const guest of late) if (guest.socket.bytesRead === 0) this.#disconnect(guest)
    })
  }

  #expectHandshake(socket: Socket): void {
    const place = placeOf(socket)
    this.#handshakes.set(place, socket)
    socket.once('close', () => {
      if (this.#handshakes.get(place) === socket) this.#handshakes.delete(place)
    })
  }

  /** A TLS socket does not name the socket below it, but both are the same connection of the operating system. */
  #link(socket: TLSSocket): void {
    const below = this.#handshakes.get(placeOf(socket))
    if (below) this.#belowTls.set(socket, below)
  }

  #below(socket: Duplex): Duplex {
    return this.#belowTls.get(socket) ?? socket
  }
}

function placeOf({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localPort}`
}
