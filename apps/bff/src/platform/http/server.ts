/** The HTTP server: where it listens, its limits and how it stops. */

import { constants } from 'node:crypto'
import { createServer as createHttpServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ConnectionLimiter } from '../base/connection-limits.ts'

interface ServerCertificate {
  certificatePem: string
  privateKeyPem: string
}

interface Place {
  host: string
  port: number
  tls: boolean
}

/** The console's listener. */
interface PublicPlace extends Place {
  /** The URL that browsers use if a proxy is in front. */
  publicUrl: string | null
}

export interface HttpServer {
  /** Where it listens, in the notation of a URL. */
  url: string
  /** For new connections. `clientAuthority` replaces the CAs of `Served`; undefined: they stay. */
  replaceCertificate(tls: ServerCertificate, clientAuthority?: string): void
  close(): Promise<void>
}

/** Takes the connections of requests for another protocol. */
export interface Upgrades {
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Ends all of them: `node:http` forgets a connection that was upgraded. */
  close(): void
}

interface Served {
  http: Place
  tls: ServerCertificate | null
  /**
   * PEM of the CAs whose client certificates are asked for and checked. A client without one still gets a connection, so
   * that the app can say why it refuses it. Undefined: no certificate is asked for.
   */
  clientAuthority?: string
  connections: ConnectionLimiter
  /** Null: an upgrade is refused. */
  upgrades: Upgrades | null
}

/** Starts to listen. Rejects if the port is taken. `tls` null: plain HTTP, on loopback or behind a proxy. */
export async function serveHttp(
  listener: RequestListener,
  { http, tls, clientAuthority, connections, upgrades }: Served,
): Promise<HttpServer> {
  const server = tls
    ? createHttpsServer({ ...secured(tls, clientAuthority), ...timeouts }, listener)
    : createHttpServer(timeouts, listener)
  connections.watch(server)
  server.on('request', ({ socket }) => connections.served(socket))
  if (upgrades) {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      connections.served(socket)
      upgrades.accept(request, socket, head)
    })
  }
  return {
    url: await listen(server, http),
    replaceCertificate: (changed, changedAuthority = clientAuthority) => {
      if (tls) (server as HttpsServer).setSecureContext(secured(changed, changedAuthority))
    },
    close: async () => {
      upgrades?.close()
      await close(server)
      connections.close()
    },
  }
}

const timeouts = {
  // A client that sends slowly must not hold a connection for long.
  headersTimeout: 15_000,
  requestTimeout: 60_000,
  /** How often Node checks the two timeouts above. Its default of 30 s would be added to them. */
  connectionsCheckingInterval: 2_000,
  // Longer than a proxy keeps its connections (nginx: 60 s), or the server could close one just when the proxy sends a
  // request on it.
  keepAliveTimeout: 65_000,
} as const

/** The origins that state changes may come from. They are fixed at the start and never taken from a request. */
export function originsOf(
  { http, tlsNames }: { http: PublicPlace; tlsNames: readonly string[] },
  url: string,
): string[] {
  if (http.publicUrl) return [http.publicUrl]
  const { protocol, port } = new URL(url)
  const isEverywhere = http.host === '0.0.0.0' || http.host === '::'
  const hosts = isEverywhere ? tlsNames : [http.host, 'localhost', '127.0.0.1', '::1']
  // `URL` drops the default port, as browsers do.
  return hosts.map((host) => new URL(`${protocol}//${hostInUrl(host)}${port && `:${port}`}`).origin)
}

export function hostInUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

function secured({ certificatePem, privateKeyPem }: ServerCertificate, clientAuthority?: string) {
  const own = { cert: certificatePem, key: privateKeyPem }
  if (clientAuthority === undefined) return { ...own, minVersion: 'TLSv1.2' } as const
  return {
    ...own,
    minVersion: 'TLSv1.3',
    ca: clientAuthority,
    requestCert: true,
    rejectUnauthorized: false,
    // A resumed session does not show the client's certificate again.
    secureOptions: constants.SSL_OP_NO_TICKET,
  } as const
}

function listen(server: Server, http: Place): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(http.port, http.host, () => {
      server.off('error', reject)
      const { port } = server.address() as AddressInfo
      resolve(new URL(`${http.tls ? 'https' : 'http'}://${hostInUrl(http.host)}:${port}`).origin)
    })
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeIdleConnections()
    // Requests in progress get two seconds.
    setTimeout(() => server.closeAllConnections(), 2_000).unref()
  })
}
