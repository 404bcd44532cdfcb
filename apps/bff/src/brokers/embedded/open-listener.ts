/**
 * One listener: it accepts TCP connections, reads the PROXY header, performs the TLS handshake and the upgrade to WebSocket, and gives the
 * engine the connections that may send a CONNECT.
 */
import type { Server as HttpServer } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket, Server as TlsServer } from 'node:tls'
import type { RefusalReason } from '@gatehouse/contract/brokers/broker'
import type { ChainVerdict } from '@gatehouse/pki/judge/chain'
import { judgeHandshake } from '../../access/decision/connect.ts'
import type { AcceptingListener } from '../../access/decision/evidence.ts'
import { CommonNames } from '../../certificates/trust/presented.ts'
import { describePresented } from '../../certificates/trust/presented-certificate.ts'
import type { Trust } from '../../certificates/trust/trust.ts'
import { addressOfSocket, makeNetworks, unknownAddress } from '../../platform/base/address.ts'
import type { Clock } from '../../platform/base/clock.ts'
import type { Decisions } from '../decisions/recent.ts'
import type { ListenerRecord } from '../listeners/listener.ts'
import type { AcceptedSocket } from './connect.ts'
import { type ConnectionBounds, endedByServer } from './connection-bounds.ts'
import { rulesOf } from './listener-rules.ts'
import { takeProxyHeader } from './proxy-stage.ts'
import { makeTlsServer, replaceCertificate, type ServerCertificate } from './tls-handshake.ts'
import { makeWebSocketServer } from './websocket-stage.ts'

/** Connections that may wait to be accepted. Node's 511 are too few when a whole plant connects at once. */
const backlog = 4_096
const tcpKeepAliveMs = 60_000
/** The type and the remaining length of an MQTT packet (MQTT 5 §2.1). */
const maxPacketHeaderBytes = 5
/** From the accepted connection to the whole PROXY header, and from there or from TLS to the request for WebSocket. */
const stageWithinMs = 10_000

/** A connection on its way to the engine. */
interface Arriving {
  /** The socket below TLS and WebSocket. */
  tcp: Socket
  /** DER, the leaf first. */
  presented: readonly Uint8Array[]
}

export interface ListenerParts {
  clock: Clock
  trust: Trust
  decisions: Decisions
  bounds: ConnectionBounds
  /** The largest MQTT packet. */
  packetBytes: number
  onAccepted(accepted: AcceptedSocket): void
  /** A device of the HTTP edge. `upstreamId` null: the path names the upstream. */
  onDevice(accepted: AcceptedSocket, upstreamId: string | null): void
}

export class OpenListener {
  readonly #parts: ListenerParts
  /** Null: it does not listen. */
  #server: Server | null = null
  #tls: TlsServer | null = null
  readonly #addresses = new WeakMap<Socket, string>()
  readonly #sockets = new Set<Socket>()
  readonly #unidentified = new Set<Socket>()
  readonly #upgrading = new WeakMap<Duplex, Arriving>()
  readonly #timers = new WeakMap<Duplex, () => void>()
  readonly #webSocket: HttpServer
  readonly #isPrivate: boolean
  #isProxy: (address: string) => boolean = () => false
  #isClosed = false
  record: ListenerRecord
  /** What a CONNECT on this listener is judged by, at this moment. */
  rules: AcceptingListener

  /** `isPrivate`: only this program can connect. It has checked the origin, and names the client's address. */
  constructor(parts: ListenerParts, record: ListenerRecord, { isPrivate = false } = {}) {
    this.#parts = parts
    this.#isPrivate = isPrivate
    this.record = record
    this.rules = rulesOf(record)
    this.#webSocket = this.#makeWebSocketServer()
    parts.bounds.exempt(this, (address) => this.#isProxy(address))
  }

  /** False: it was closed, and a client that has sent its CONNECT already must not be admitted. */
  get isOpen(): boolean {
    return !this.#isClosed
  }

  get isListening(): boolean {
    return this.#server !== null
  }

  get boundPort(): number | null {
    const bound = this.#server?.address()
    return typeof bound === 'object' && bound ? bound.port : null
  }

  /** Starts to listen. Rejects with the error of the system, for example `EADDRINUSE`. */
  async listen(place: { port: number } | { path: string }): Promise<void> {
    const { bounds } = this.#parts
    const server = createServer({ noDelay: true })
    bounds.named(server, () => this.rules.name)
    // First: it closes what is beyond the bounds.
    bounds.limiter.watch(server)
    server.on('connection', (socket) => this.#accept(socket))
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    server.once('error', reject)
    const host = 'port' in place ? { host: this.record.address } : {}
    server.listen({ ...host, ...place, backlog }, resolve)
    await promise
    this.#server = server
  }

  /** Accepts no new connections. The others stay. */
  stopListening(): void {
    this.#server?.close()
    this.#server = null
  }

  /** Applies other settings for new connections. Throws if the certificate cannot be used. */
  use(record: ListenerRecord, certificate: ServerCertificate | null): void {
    const rules = rulesOf(record)
    const tls = certificate && record.tls ? this.#makeTls(record, { rules, certificate }) : null
    this.record = record
    this.rules = rules
    this.#tls = tls
    this.#isProxy = this.#proxiesOf(record)
  }

  #proxiesOf({ proxyProtocol }: ListenerRecord): (address: string) => boolean {
    // A socket of this machine that is a file has no address.
    if (this.#isPrivate) return (address) => address === unknownAddress
    return makeNetworks(proxyProtocol.versions === 'off' ? [] : proxyProtocol.from)
  }

  replaceCertificate(certificate: ServerCertificate): void {
    if (this.#tls) replaceCertificate(this.#tls, certificate, this.record.minimumTlsVersion)
  }

  identified(tcp: Socket): void {
    this.#unidentified.delete(tcp)
    this.#parts.bounds.limiter.identified(tcp)
  }

  /** Ends all connections on which nobody has signed in. The caller ends the others. */
  close(): void {
    this.#isClosed = true
    this.#parts.bounds.forget(this)
    this.stopListening()
    for (const socket of this.#unidentified) this.#end(socket)
  }

  #accept(tcp: Socket): void {
    if (tcp.destroyed) return
    const address = addressOfSocket(tcp)
    const { maxConnections } = this.record
    if (maxConnections !== null && this.#sockets.size >= maxConnections) {
      this.#parts.bounds.recordDrop({ listener: this.rules.name, address })
      return this.#end(tcp)
    }
    // A closed socket has no address: it is read when the socket is accepted.
    this.#addresses.set(tcp, address)
    tcp.setKeepAlive(true, tcpKeepAliveMs)
    this.#sockets.add(tcp)
    this.#unidentified.add(tcp)
    tcp.once('close', () => {
      this.#sockets.delete(tcp)
      this.#unidentified.delete(tcp)
    })
    if (this.record.proxyProtocol.versions === 'off') this.#begin(tcp)
    else void this.#acceptProxied(tcp, address)
  }

  async #acceptProxied(tcp: Socket, from: string): Promise<void> {
    const { versions } = this.record.proxyProtocol
    if (versions === 'off') return this.#end(tcp)
    if (!this.#isProxy(from)) return this.#drop(tcp, 'proxy_not_named')
    tcp.on('error', () => {}) // the header is missing or incomplete then
    const result = await takeProxyHeader(tcp, versions, AbortSignal.timeout(stageWithinMs))
    if ('refused' in result) return this.#drop(tcp, result.refused)
    if (tcp.destroyed || this.#isClosed) return this.#end(tcp)
    const address = result.address ?? from
    this.#addresses.set(tcp, address)
    this.#parts.bounds.limiter.moved(tcp, address)
    this.#begin(tcp)
  }

  #begin(tcp: Socket): void {
    if (!this.record.tls) return this.#hand(tcp, { tcp, presented: [] })
    // Without a usable certificate there is no handshake, and no plain text instead.
    if (this.#tls) this.#tls.emit('connection', tcp)
    else this.#end(tcp)
  }

  #makeTls(
    record: ListenerRecord,
    { rules, certificate }: { rules: AcceptingListener; certificate: ServerCertificate },
  ): TlsServer {
    return makeTlsServer({
      rules,
      certificate,
      minimumVersion: record.minimumTlsVersion,
      onSecure: (socket, about) => this.#judge(socket, about),
      onFailed: (tcp) => this.#recordFailure(tcp),
    })
  }

  #judge(socket: TLSSocket, { tcp, presented }: Arriving): void {
    const { trust, clock } = this.#parts
    if (this.#isClosed) return this.#end(tcp)
    const { trusted } = this.rules
    const verdict = presented.length > 0 ? trust.judge(presented, { at: clock.now(), trusted }) : null
    const reason = judgeHandshake(this.rules, verdict)
    if (reason === null) return this.#hand(socket, { tcp, presented })
    this.#refuse(socket, { reason, verdict, accepted: this.#accepted(socket, { tcp, presented }) })
  }

  #hand(socket: Duplex, about: Arriving): void {
    const { purpose, upstream } = this.record
    const { onAccepted, onDevice } = this.#parts
    if (purpose === 'mqtt') return onAccepted(this.#accepted(socket, about))
    if (purpose === 'device-http') return onDevice(this.#accepted(socket, about), upstream)
    this.#upgrading.set(socket, about)
    const timer = setTimeout(() => this.#drop(about.tcp, 'websocket_handshake'), stageWithinMs)
    const stop = () => clearTimeout(timer)
    this.#timers.set(socket, stop)
    about.tcp.once('close', stop)
    this.#webSocket.emit('connection', socket)
  }

  #makeWebSocketServer(): HttpServer {
    return makeWebSocketServer({
      maxMessageBytes: this.#parts.packetBytes + maxPacketHeaderBytes,
      isOriginAllowed: (origin) => this.#isPrivate || this.record.allowedOrigins.includes(origin.toLowerCase()),
      onUpgraded: (stream, socket) => {
        this.#timers.get(socket)?.()
        const about = this.#upgrading.get(socket)
        if (!about || this.#isClosed) stream.destroy()
        else this.#parts.onAccepted(this.#accepted(stream, about))
      },
      onRefused: (socket, reason) => {
        this.#timers.get(socket)?.()
        const about = this.#upgrading.get(socket)
        if (about) this.#record(about.tcp, reason)
      },
    })
  }

  #accepted(socket: Duplex, { tcp, presented }: Arriving): AcceptedSocket {
    const address = this.#addresses.get(tcp) ?? addressOfSocket(tcp)
    return { socket, tcp, listener: this, address, presented, commonName: commonNames.of(presented) }
  }

  #refuse(
    socket: Duplex,
    { reason, verdict, accepted }: { reason: RefusalReason; verdict: ChainVerdict | null; accepted: AcceptedSocket },
  ): void {
    const { decisions, trust } = this.#parts
    const { address, presented, commonName } = accepted
    socket.on('error', () => {}) // the socket is destroyed in any case
    socket.destroy()
    decisions.record({
      outcome: 'refused',
      reason,
      listener: this.rules.name,
      address,
      username: commonName.ok && this.rules.identity === 'certificate' ? commonName.commonName : null,
      certificate: verdict && describePresented(presented, verdict, trust),
    })
  }

  #recordFailure(tcp: Socket | null): void {
    if (tcp && !endedByServer.has(tcp)) this.#record(tcp, 'handshake_failed')
  }

  #drop(tcp: Socket, reason: RefusalReason): void {
    this.#record(tcp, reason)
    this.#end(tcp)
  }

  #record(tcp: Socket, reason: RefusalReason): void {
    const address = this.#addresses.get(tcp)
    if (address === undefined) return
    this.#parts.decisions.record({ outcome: 'refused', reason, listener: this.rules.name, address })
  }

  #end(tcp: Socket): void {
    endedByServer.add(tcp)
    tcp.destroy()
  }
}

const commonNames = new CommonNames()
