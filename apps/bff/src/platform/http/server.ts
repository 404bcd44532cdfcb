/** The HTTP server itself: where it listens, what it bears, how it ends. */
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http'
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
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

/** Of the console. */
interface PublicPlace extends Place {
  /** What browsers use, behind a proxy. */
  publicUrl: string | null
}

export interface HttpServer {
  /** Where it listens, as a browser writes it. */
  url: string
  /** From now on, for new connections. */
  replaceCertificate(tls: ServerCertificate): void
  close(): Promise<void>
}

/** Listens; rejects when the port is taken. `tls` null: plain HTTP, on loopback or behind a proxy. */
export async function serveHttp(
  listener: RequestListener,
  { http, tls, connections }: { http: Place; tls: ServerCertificate | null; connections: ConnectionLimiter },
): Promise<HttpServer> {
  const server = tls
    ? createHttpsServer({ ...secured(tls), ...timeouts }, listener)
    : createHttpServer(timeouts, listener)
  connections.watch(server)
  server.on('request', ({ socket }) => connections.served(socket))
  return {
    url: await listen(server, http),
    replaceCertificate: (changed) => {
      if (tls) (server as HttpsServer).setSecureContext(secured(changed))
    },
    close: async () => {
      await close(server)
      connections.close()
    },
  }
}

const timeouts = {
  // A slow sender holds a connection, not the server.
  headersTimeout: 15_000,
  requestTimeout: 60_000,
  /** How often the two above are looked at; Node's own 30 s would be added to them. */
  connectionsCheckingInterval: 2_000,
  // Longer than a proxy keeps its own (nginx: 60 s): the server must not close a connection on which the proxy is about to ask.
  keepAliveTimeout: 65_000,
} as const

/** From where state changes may come: fixed at the start, never what a request says of itself. */
export function originsOf(
  { http, tlsNames }: { http: PublicPlace; tlsNames: readonly string[] },
  url: string,
): string[] {
  if (http.publicUrl) return [http.publicUrl]
  const { protocol, port } = new URL(url)
  const isEverywhere = http.host === '0.0.0.0' || http.host === '::'
  const hosts = isEverywhere ? tlsNames : [http.host, 'localhost', '127.0.0.1', '::1']
  // Through URL, because a browser leaves the usual port out.
  return hosts.map((host) => new URL(`${protocol}//${hostInUrl(host)}${port && `:${port}`}`).origin)
}

export function hostInUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

function secured({ certificatePem, privateKeyPem }: ServerCertificate) {
  return { cert: certificatePem, key: privateKeyPem, minVersion: 'TLSv1.2' } as const
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
    // Requests under way get a moment; then the process goes.
    setTimeout(() => server.closeAllConnections(), 2_000).unref()
  })
}
