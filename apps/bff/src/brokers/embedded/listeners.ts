// Rule: no byte of MQTT is read from a TLS client before its chain was judged; a refused one gets neither a CONNACK nor a close_notify.
import { constants, type X509Certificate } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer as createTlsServer, type TLSSocket, type TlsOptions, Server as TlsServer } from 'node:tls'
import type { Listener } from '@gatehouse/contract/brokers/broker'
import type { ChainVerdict, RefusedVerdict } from '@gatehouse/pki/judge/chain'
import { CommonNames } from '../../certificates/trust/presented.ts'
import type { Trust } from '../../certificates/trust/trust.ts'
import { addressOfSocket, makeNetworks } from '../../platform/base/address.ts'
import type { Clock } from '../../platform/base/clock.ts'
import { ConnectionLimiter, type ConnectionLimits, type Dropped } from '../../platform/base/connection-limits.ts'
import { boundByOpenFiles } from '../../platform/base/descriptors.ts'
import type { Decisions } from '../decisions/recent.ts'
import type { Arrival } from './connect.ts'
import type { BrokerSettings, PlainSettings, TlsSettings } from './port.ts'

/** Those who may wait to be accepted. Node's own 511 turn some away when a whole plant comes back at once. */
const backlog = 4_096
/** What we take is in it: where a whole plant comes back at once to a busy machine, it is they who wait for us. */
const handshakeTimeoutMs = 30_000
const tcpKeepAliveMs = 60_000
const recordDropsEveryMs = 1_000

/** Of both listeners together. A plant of some thousand devices behind one address may come back at once. */
function readLimits(): ConnectionLimits {
  const most = boundByOpenFiles(10_000, 0.8)
  return {
    most,
    mostUnidentified: Math.ceil(most * 0.8),
    mostUnidentifiedPerNetwork: Math.ceil(most * 0.4),
    firstByteWithinMs: 10_000,
  }
}

// One more than is ever accepted, so that "too many" can be told.
const maxPresented = 11

interface Parts {
  clock: Clock
  trust: Trust
  decisions: Decisions
  onArrival(socket: Socket, arrival: Arrival): void
}

export interface Listeners {
  listeners: Listener[]
  /** The client at the other end has been admitted. */
  identified(socket: Duplex): void
  replaceServerCertificate(tls: { cert: string; key: string }): void
  close(): void
}

export async function openListeners(
  parts: Parts,
  { plain, tls, trustedProxies }: Pick<BrokerSettings, 'plain' | 'tls' | 'trustedProxies'>,
): Promise<Listeners> {
  const tlsServer = tls ? makeTlsServer(parts, tls) : null
  const plainServer = plain ? makePlainServer(parts) : null
  const limiter = new ConnectionLimiter({
    limits: readLimits(),
    isExempt: makeNetworks(trustedProxies),
    onDropped: recordDrops(parts),
  })
  for (const server of [plainServer, tlsServer]) if (server) watch(limiter, server)
  const listeners: Listener[] = []
  try {
    if (plainServer && plain) listeners.push(await listen(plainServer, plain, noTls))
    if (tlsServer && tls) listeners.push(await listen(tlsServer, tls, { ...withTls, ...pick(tls) }))
  } catch (error) {
    close()
    throw error
  }
  return {
    listeners,
    identified: (socket) => limiter.identified(socket),
    replaceServerCertificate: ({ cert, key }) => tlsServer?.setSecureContext({ ...contextOptions, cert, key }),
    close,
  }

  function close(): void {
    plainServer?.close()
    tlsServer?.close()
    limiter.close()
  }
}

const noTls = { name: 'mqtt', tls: false, clientCertificate: 'none' } as const
const withTls = { name: 'mqtts', tls: true } as const

function pick({ clientCertificate }: TlsSettings): Pick<Listener, 'clientCertificate'> {
  return { clientCertificate }
}

/**
 * `ca: []` and not left out: without it Node would trust the public authorities. It trusts nobody here, and `Trust` decides.
 * No session is ever resumed: a resumed one shows the leaf only. TLS 1.2 has no tickets and finds no cache; the tickets that TLS 1.3 sends
 * all the same are references into a cache that is not there.
 */
const contextOptions: TlsOptions = {
  ca: [],
  minVersion: 'TLSv1.2',
  secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  // In TLS 1.2 a client's key is accepted only if its curve is among the groups (RFC 8422 §5.3). At the end of the list: the key exchange
  // takes one of these only with a client that offers no other.
  ecdhCurve: 'DEFAULT:brainpoolP256r1:brainpoolP384r1:brainpoolP512r1',
}

function makeTlsServer(parts: Parts, { cert, key, clientCertificate }: TlsSettings): TlsServer {
  const server = createTlsServer({
    ...contextOptions,
    cert,
    key,
    requestCert: clientCertificate !== 'ignored',
    rejectUnauthorized: false,
    handshakeTimeout: handshakeTimeoutMs,
    noDelay: true,
  })
  server.on('secureConnection', (socket) => {
    const presented = clientCertificate === 'ignored' ? [] : readPresented(socket)
    const verdict = judgeHandshake(parts, presented, clientCertificate)
    if (verdict === null || verdict.trusted) {
      return parts.onArrival(socket, makeArrival('mqtts', socket, presented))
    }
    refuseSocket(parts, socket, { presented, verdict })
  })
  server.on('tlsClientError', (_error, socket) => {
    const address = addressBelow(socket)
    if (address !== null)
      parts.decisions.record({ outcome: 'refused', reason: 'handshake_failed', listener: 'mqtts', address })
    socket.destroy()
  })
  return server
}

/** Null: no certificate, and none is required. */
function judgeHandshake(
  { clock, trust }: Parts,
  presented: readonly Uint8Array[],
  clientCertificate: TlsSettings['clientCertificate'],
): ChainVerdict | null {
  if (presented.length === 0 && clientCertificate !== 'required') return null
  return trust.judge(presented, clock.now())
}

function refuseSocket(
  { trust, decisions }: Parts,
  socket: TLSSocket,
  { presented, verdict }: { presented: readonly Uint8Array[]; verdict: RefusedVerdict },
): void {
  const arrival = makeArrival('mqtts', socket, presented)
  socket.on('error', () => {}) // it is gone either way
  socket.destroy()
  decisions.record({
    outcome: 'refused',
    reason: verdict.reason,
    listener: 'mqtts',
    address: arrival.address,
    username: arrival.commonName.ok ? arrival.commonName.commonName : null,
    certificate: trust.describe(presented, verdict),
  })
}

/**
 * Everything that the client sent, leaf first, in its order, whether it belongs together or not. To be called once for each socket:
 * Node empties OpenSSL's list as it hands it out (measured), and `getPeerCertificate(true)` shows only what is linked by name.
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
  return createServer({ noDelay: true }, (socket) => parts.onArrival(socket, makeArrival('mqtt', socket, [])))
}

function makeArrival(listener: Listener['name'], socket: Socket, presented: readonly Uint8Array[]): Arrival {
  return { listener, address: addressOfSocket(socket), presented, commonName: commonNames.of(presented) }
}

const commonNames = new CommonNames()

// A socket that is gone has no address any more: it is asked for at the beginning.
const addresses = new WeakMap<Socket, string>()

/** The address of a handshake that failed; null where we ended it. Node gives it no other way than through the socket below. */
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

/** One line now and then: a flood must not cost a line for each connection. */
function recordDrops({ decisions }: Parts): (dropped: Dropped) => void {
  let recordAgainAt = 0
  return ({ socket, address, server }) => {
    // The handshake did not fail, we ended it.
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
