// The listeners. No byte of MQTT is read from a TLS client before its chain was judged. A refused client gets no CONNACK and no close_notify.
import { constants, type X509Certificate } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket, type TlsOptions, Server as TlsServer } from 'node:tls'
import type { Listener, RefusalReason } from '@gatehouse/contract/brokers/broker'
import type { BrokerLimits } from '@gatehouse/contract/brokers/limits'
import type { ChainVerdict } from '@gatehouse/pki/judge/chain'
import { judgeHandshake } from '../../access/decision/connect.ts'
import { type AcceptingListener, asksForCertificate } from '../../access/decision/evidence.ts'
import { CommonNames } from '../../certificates/trust/presented.ts'
import { describePresented } from '../../certificates/trust/presented-certificate.ts'
import type { Trust } from '../../certificates/trust/trust.ts'
import { addressOfSocket, makeNetworks } from '../../platform/base/address.ts'
import type { Clock } from '../../platform/base/clock.ts'
import { ConnectionLimiter, type ConnectionLimits, type Dropped } from '../../platform/base/connection-limits.ts'
import { boundByOpenFiles } from '../../platform/base/descriptors.ts'
import type { Decisions } from '../decisions/recent.ts'
import type { AcceptedSocket } from './connect.ts'
import type { BrokerSettings, PlainSettings, TlsSettings } from './port.ts'

/** Connections that may wait to be accepted. Node's 511 are too few when a whole plant connects at once. */
const backlog = 4_096
/** The time in which the client waits for this server counts too. A plant that connects at once to a busy machine needs it. */
const handshakeTimeoutMs = 30_000
const tcpKeepAliveMs = 60_000
const recordDropsEveryMs = 1_000

/** For both listeners together. A plant of some thousand devices behind one address may connect at once. */
function readLimits({ connections }: BrokerLimits): ConnectionLimits {
  const most = boundByOpenFiles(connections, 0.8)
  return {
    most,
    mostUnidentified: Math.ceil(most * 0.8),
    mostUnidentifiedPerNetwork: Math.ceil(most * 0.4),
    firstByteWithinMs: 10_000,
  }
}

// One more than is ever accepted, so that the chain is refused with `too_many_certificates`.
const maxPresented = 11

interface Parts {
  clock: Clock
  trust: Trust
  decisions: Decisions
  limiter: ConnectionLimiter
  onAccepted(accepted: AcceptedSocket): void
}

export interface Listeners {
  listeners: Listener[]
  replaceServerCertificate(tls: { cert: string; key: string }): void
  close(): void
}

/** Closes connections on which nobody signs in. Records those that it closes. */
export function makeLimiter(
  decisions: Decisions,
  { trustedProxies, limits }: Pick<BrokerSettings, 'trustedProxies' | 'limits'>,
): ConnectionLimiter {
  return new ConnectionLimiter({
    limits: readLimits(limits),
    isExempt: makeNetworks(trustedProxies),
    onDropped: recordDrops(decisions),
  })
}

export async function openListeners(
  parts: Parts,
  { plain, tls }: Pick<BrokerSettings, 'plain' | 'tls'>,
): Promise<Listeners> {
  const { limiter } = parts
  const tlsServer = tls ? makeTlsServer(parts, tls) : null
  const plainServer = plain ? makePlainServer(parts) : null
  for (const server of [plainServer, tlsServer]) if (server) watch(limiter, server)
  const listeners: Listener[] = []
  try {
    if (plainServer && plain) listeners.push(await listen(plainServer, plain, { ...plainListener, tls: false }))
    if (tlsServer && tls) listeners.push(await listen(tlsServer, tls, { ...tlsListener(tls), tls: true }))
  } catch (error) {
    close()
    throw error
  }
  return {
    listeners,
    replaceServerCertificate: ({ cert, key }) => tlsServer?.setSecureContext({ ...contextOptions, cert, key }),
    close,
  }

  function close(): void {
    plainServer?.close()
    tlsServer?.close()
    limiter.close()
  }
}

const plainListener = { name: 'mqtt', clientCertificate: 'none' } as const

function tlsListener({ clientCertificate }: TlsSettings): AcceptingListener {
  return { name: 'mqtts', clientCertificate }
}

/**
 * `ca: []`: without it Node would trust the public CAs. Node trusts no CA here, and `Trust` decides.
 * No session is resumed, because a resumed session has the leaf only. TLS 1.2 has no tickets and no cache; the tickets that TLS 1.3 sends
 * refer to a cache that does not exist.
 */
const contextOptions: TlsOptions = {
  ca: [],
  minVersion: 'TLSv1.2',
  secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  // TLS 1.2 accepts a client's key only if its curve is among the groups (RFC 8422 §5.3). They stand at the end of the list, so that the key
  // exchange uses one of them only with a client that offers no other.
  ecdhCurve: 'DEFAULT:brainpoolP256r1:brainpoolP384r1:brainpoolP512r1',
}

function makeTlsServer(parts: Parts, settings: TlsSettings): TlsServer {
  const { cert, key } = settings
  const listener = tlsListener(settings)
  const server = createTlsServer({
    ...contextOptions,
    cert,
    key,
    requestCert: asksForCertificate(listener),
    rejectUnauthorized: false,
    handshakeTimeout: handshakeTimeoutMs,
    noDelay: true,
  })
  server.on('secureConnection', (socket) => {
    const presented = asksForCertificate(listener) ? readPresented(socket) : []
    const verdict = presented.length > 0 ? parts.trust.judge(presented, parts.clock.now()) : null
    const reason = judgeHandshake(listener, verdict)
    const accepted = acceptedSocket(listener, socket, presented)
    if (reason === null) return parts.onAccepted(accepted)
    refuseSocket(parts, socket, { accepted, reason, verdict })
  })
  server.on('tlsClientError', (_error, socket) => {
    const address = addressBelow(socket)
    if (address !== null)
      parts.decisions.record({ outcome: 'refused', reason: 'handshake_failed', listener: 'mqtts', address })
    socket.destroy()
  })
  return server
}

function refuseSocket(
  { trust, decisions }: Parts,
  socket: TLSSocket,
  { accepted, reason, verdict }: { accepted: AcceptedSocket; reason: RefusalReason; verdict: ChainVerdict | null },
): void {
  const { listener, address, presented, commonName } = accepted
  socket.on('error', () => {}) // the socket is destroyed in any case
  socket.destroy()
  decisions.record({
    outcome: 'refused',
    reason,
    listener: listener.name,
    address,
    username: commonName.ok ? commonName.commonName : null,
    certificate: verdict && describePresented(presented, verdict, trust),
  })
}

/**
 * All certificates that the client sent, the leaf first, in its order, also unrelated ones. May be called once for each socket: Node
 * empties OpenSSL's list as it reads it (measured). `getPeerCertificate(true)` returns only certificates that are linked by name.
 */
function readPresented(socket: TLSSocket): Uint8Array[] {
  const presented: Uint8Array[] = []
  let next: X509Certificate | undefined = socket.getPeerX509Certificate()
  while (next && presented.length < maxPresented) {
    presented.push(next.raw)
    next = next.issuerCertificate
  }
  return presented
}

function makePlainServer(parts: Parts): Server {
  return createServer({ noDelay: true }, (socket) => parts.onAccepted(acceptedSocket(plainListener, socket, [])))
}

function acceptedSocket(listener: AcceptingListener, socket: Socket, presented: readonly Uint8Array[]): AcceptedSocket {
  return { socket, listener, address: addressOfSocket(socket), presented, commonName: commonNames.of(presented) }
}

const commonNames = new CommonNames()

// A closed socket has no address: it is read when the socket is accepted.
const addresses = new WeakMap<Socket, string>()

/** The address of a failed handshake. Null: the server ended it. Node has it only in the socket below. */
function addressBelow({ _parent: below }: TLSSocket & { _parent?: Socket }): string | null {
  return (below && addresses.get(below)) ?? null
}

function watch(limiter: ConnectionLimiter, server: Server): void {
  server.on('connection', (socket) => {
    addresses.set(socket, addressOfSocket(socket))
    socket.setKeepAlive(true, tcpKeepAliveMs)
  })
  limiter.watch(server)
}

/** At most one decision a second: a flood must not record one for each connection. */
function recordDrops(decisions: Decisions): (dropped: Dropped) => void {
  let recordAgainAt = 0
  return ({ socket, address, server }) => {
    // The handshake did not fail: the server ended it.
    addresses.delete(socket)
    if (performance.now() < recordAgainAt) return
    recordAgainAt = performance.now() + recordDropsEveryMs
    const listener = server instanceof TlsServer ? 'mqtts' : 'mqtt'
    decisions.record({ outcome: 'refused', reason: 'too_many_connections', listener, address })
  }
}

async function listen(
  server: Server,
  { host, port }: PlainSettings,
  facts: Pick<Listener, 'name' | 'tls' | 'clientCertificate'>,
): Promise<Listener> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen({ host, port, backlog }, resolve)
  await promise
  const bound = server.address()
  return { ...facts, address: host, port: typeof bound === 'object' && bound ? bound.port : port }
}
