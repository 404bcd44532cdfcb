// No byte of MQTT is read from a TLS client before its chain was judged. A refused client gets no CONNACK and no close_notify.
import { constants, type X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { createServer, type TLSSocket, type TlsOptions, type Server as TlsServer } from 'node:tls'
import type { ListenerRules } from '../../access/decision/evidence.ts'
import { asksForCertificate } from '../../access/decision/evidence.ts'
import type { ListenerRecord } from '../listeners/listener.ts'

/** The time in which the client waits for this server counts too. A plant that connects at once to a busy machine needs it. */
const handshakeTimeoutMs = 30_000

// One more than is ever accepted, so that the chain is refused with `too_many_certificates`.
const maxPresented = 11

export interface ServerCertificate {
  cert: string
  key: string
}

/**
 * `ca: []`: without it Node would trust the public CAs. Node trusts no CA here, and `Trust` decides.
 * No session is resumed, because a resumed session has the leaf only. TLS 1.2 has no tickets and no cache; the tickets that TLS 1.3 sends
 * refer to a cache that does not exist.
 */
const contextOptions: TlsOptions = {
  ca: [],
  secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  // TLS 1.2 accepts a client's key only if its curve is among the groups (RFC 8422 §5.3). They stand at the end of the list, so that the key
  // exchange uses one of them only with a client that offers no other.
  ecdhCurve: 'DEFAULT:brainpoolP256r1:brainpoolP384r1:brainpoolP512r1',
}

interface Handshakes {
  rules: ListenerRules
  minimumVersion: ListenerRecord['minimumTlsVersion']
  certificate: ServerCertificate
  /** `presented`: DER, the leaf first. `tcp`: the socket below. */
  onSecure(socket: TLSSocket, about: { tcp: Socket; presented: readonly Uint8Array[] }): void
  /** `tcp` null: not known. The socket is destroyed. */
  onFailed(tcp: Socket | null): void
}

/**
 * Makes a TLS server that does not listen: it takes TCP sockets by its event `connection`. Throws if the certificate or the
 * key cannot be used.
 */
export function makeTlsServer({ rules, minimumVersion, certificate, onSecure, onFailed }: Handshakes): TlsServer {
  const requestCert = asksForCertificate(rules)
  const server = createServer({
    ...contextOptions,
    ...certificate,
    minVersion: `TLSv${minimumVersion}`,
    requestCert,
    rejectUnauthorized: false,
    handshakeTimeout: handshakeTimeoutMs,
  })
  server.on('secureConnection', (socket) =>
    onSecure(socket, { tcp: below(socket) ?? socket, presented: requestCert ? readPresented(socket) : [] }),
  )
  server.on('tlsClientError', (_error, socket) => {
    onFailed(below(socket))
    socket.destroy()
  })
  return server
}

export function replaceCertificate(
  server: TlsServer,
  certificate: ServerCertificate,
  minimumVersion: ListenerRecord['minimumTlsVersion'],
): void {
  server.setSecureContext({ ...contextOptions, ...certificate, minVersion: `TLSv${minimumVersion}` })
}

/** Node has the TCP socket of a TLS socket only here. */
function below({ _parent: tcp }: TLSSocket & { _parent?: Socket }): Socket | null {
  return tcp ?? null
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
