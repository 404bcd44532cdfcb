/** The HTTP edge: admits devices by their certificates, judges each request, and passes it on to an upstream. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { readEdgePath } from '@gatehouse/contract/access/edge-path'
import type { Upstream } from '@gatehouse/contract/brokers/upstreams'
import type { Decisions } from '../decisions/recent.ts'
import { factsOf } from '../embedded/close-connection.ts'
import { type AcceptedSocket, type ConnectParts, connect, type PolicyRefusal } from '../embedded/connect.ts'
import type { Connection } from '../embedded/connection.ts'
import type { DeviceAdmissions } from '../embedded/device-admissions.ts'
import { recordOnce } from '../embedded/record-once.ts'
import type { StatsBuffer } from '../embedded/stats-buffer.ts'
import type { IdentityClaim } from '../upstreams/identities-store.ts'
import { answerError, refuseRaw } from './answers.ts'
import { BodyFlow } from './body-flow.ts'
import { EdgeConnection, operationOf, type Running } from './edge-connection.ts'
import type { EdgeConnections } from './edge-connections.ts'
import { MenderEdge } from './mender/mender-edge.ts'
import { type Exchange, UpstreamClient } from './upstream-client.ts'

/** Bytes of the request line and all headers. */
const maxHeaderBytes = 32 * 1_024
/** Bytes of a body that wait to be read. Each may be a chunk of its own, so that they need much more memory. */
const highWaterMark = 16 * 1_024
/** From the admission to the headers of the first request. */
const firstRequestWithinMs = 20_000
const keepAliveMs = 75_000
/** Connections of one user at a time. */
const maxPerUser = 64

/** What the edge asks for in place of a CONNECT. */
const withoutClientId = { clientId: '', isClean: true, will: undefined, username: undefined, password: undefined }

interface Parts extends ConnectParts {
  store: ConnectParts['store'] & {
    listUpstreams(): Promise<Upstream[]>
  }
  connections: EdgeConnections
  decisions: Decisions
  stats: Pick<StatsBuffer, 'signedIn'>
  admissions: ConnectParts['admissions'] & Pick<DeviceAdmissions, 'registered'>
  readSecret(upstreamId: string): Promise<string | null>
  /** See `MenderEdge`. */
  claimIdentity(claim: IdentityClaim): Promise<boolean>
  report(error: unknown): void
}

/** Where a request goes. */
interface Routed {
  client: UpstreamClient
  /** `/<upstream>/path` */
  resource: string
  /** The path at the upstream, decoded. */
  path: string
  /** What the upstream gets. */
  target: string
}

export class Edge {
  readonly #parts: Parts
  readonly #server: Server
  readonly #flow = new BodyFlow()
  readonly #upstreams = new Map<string, UpstreamClient>()
  /** Of the upstreams of the kind `mender`, by the id of the upstream. */
  readonly #mender = new Map<string, MenderEdge>()
  /** By the socket of the device. */
  readonly #devices = new WeakMap<
    Duplex,
    { device: EdgeConnection; upstreamId: string | null; timer: NodeJS.Timeout }
  >()

  constructor(parts: Parts) {
    this.#parts = parts
    this.#server = this.#makeServer()
  }

  /** Adds, changes and removes upstreams. What runs through one that differs ends; the connections stay, so none is returned. */
  async loadUpstreams(): Promise<string[]> {
    const wanted = new Map((await this.#parts.store.listUpstreams()).map((upstream) => [upstream.id, upstream]))
    for (const [id, client] of this.#upstreams) {
      if (wanted.get(id)?.version === client.upstream.version) continue
      client.close()
      this.#upstreams.delete(id)
      this.#mender.delete(id)
    }
    for (const upstream of wanted.values()) {
      if (this.#upstreams.has(upstream.id)) continue
      try {
        await this.#open(upstream)
      } catch (error) {
        // The broker starts without it, and its requests are refused.
        this.#parts.report(`the upstream ${upstream.name} cannot be used: ${String(error)}`)
      }
    }
    return []
  }

  async #open(upstream: Upstream): Promise<void> {
    const secret = upstream.hasSecret ? await this.#parts.readSecret(upstream.id) : null
    const client = new UpstreamClient(upstream, secret, this.#flow)
    this.#upstreams.set(upstream.id, client)
    if (upstream.kind === 'mender')
      this.#mender.set(upstream.id, new MenderEdge({ ...this.#parts, flow: this.#flow, client, secret }))
  }

  /** Takes a connection whose chain is trusted. `upstreamId` null: the path names the upstream. */
  accept(accepted: AcceptedSocket, upstreamId: string | null): void {
    void this.#accept(accepted, upstreamId).catch((error: unknown) => {
      this.#parts.report(error)
      accepted.socket.destroy()
    })
  }

  close(): void {
    this.#parts.connections.endAll()
    for (const client of this.#upstreams.values()) client.close()
  }

  async #accept(accepted: AcceptedSocket, upstreamId: string | null): Promise<void> {
    const { socket, tcp, listener } = accepted
    socket.on('error', () => {}) // it is destroyed then
    const signedIn = await this.#signIn(accepted)
    if ('refused' in signedIn) return this.#refuse(accepted, signedIn.refused)
    const { device } = signedIn
    socket.once('close', () => this.#parts.connections.delete(device))
    if (socket.destroyed) return this.#parts.connections.delete(device)
    listener.identified(tcp)
    this.#recordAdmission(device.connection)
    const timer = setTimeout(() => socket.destroy(), firstRequestWithinMs)
    socket.once('close', () => clearTimeout(timer))
    this.#devices.set(socket, { device, upstreamId, timer })
    this.#server.emit('connection', socket)
  }

  /** Judges by the rules of a CONNECT, without a client id, and registers the device in the same step as the last judgement. */
  async #signIn(accepted: AcceptedSocket): Promise<{ device: EdgeConnection } | { refused: PolicyRefusal }> {
    const { store, connections } = this.#parts
    for (;;) {
      const result = await connect(this.#parts, { socket: accepted, fields: withoutClientId })
      if ('refused' in result) return result
      const connection = result.data as Connection
      // By name: SQLite puts a list of ids into a temporary table, for which it touches 85 KiB. The buffers of the next
      // connection, which need only a part of their 64 KiB, would take that memory: 40 KiB more for each kept connection.
      const user = await store.findUser(connection.username)
      // A change was enforced meanwhile.
      if (user?.id !== connection.userId || result.isOutdated?.()) continue
      if (connections.ofUser(user.id).length >= maxPerUser) {
        return { refused: { reason: 'too_many_connections', claim: null, about: factsOf(connection) } }
      }
      const device = new EdgeConnection(accepted, connection)
      device.use(user)
      connections.add(device)
      return { device }
    }
  }

  #refuse({ socket, listener, address }: AcceptedSocket, { reason, about }: PolicyRefusal): void {
    this.#parts.decisions.record({ listener: listener.rules.name, address, ...about, outcome: 'refused', reason })
    refuseRaw(socket, 403, reason)
  }

  #makeServer(): Server {
    const server = createServer({
      highWaterMark,
      maxHeaderSize: maxHeaderBytes,
      // Node enforces these on a server that listens only. See `firstRequestWithinMs` and `timeout`.
      headersTimeout: 0,
      requestTimeout: 0,
      keepAliveTimeout: keepAliveMs,
      // RFC 9112 §3.2
      requireHostHeader: true,
      insecureHTTPParser: false,
    })
    server.timeout = keepAliveMs
    // While a request runs, the limits of its upstream count.
    server.on('timeout', (socket) => {
      if (!this.#devices.get(socket)?.device.running.size) socket.destroy()
    })
    server.on('request', (request, response) => {
      // A connection that has ended gives the requests that were read with its last one.
      if (request.socket.destroyed) return
      const device = this.#devices.get(request.socket)?.device
      const mayWait = device?.inOrder(response, () => this.#forward(request, response))
      if (device && !mayWait) this.#parts.connections.endQuotaExceeded(device.userId)
      if (!mayWait) request.socket.destroy()
    })
    server.on('upgrade', (request, socket, head) => {
      // The answer to an earlier request would follow the answer to this one.
      if (this.#devices.get(socket)?.device.running.size) socket.destroy()
      else this.#upgrade(request, { socket, head })
    })
    server.on('connect', (_request, socket) => refuseRaw(socket, 405, 'method_not_allowed'))
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      const isLarge = error.code === 'HPE_HEADER_OVERFLOW'
      refuseRaw(socket, isLarge ? 431 : 400, isLarge ? 'headers_too_large' : 'bad_request')
    })
    return server
  }

  #forward(request: IncomingMessage, response: ServerResponse): void {
    const judged = this.#judge(request, [operationOf(request.method)])
    if ('error' in judged) return answerError(response, judged.status, judged.error)
    const { device, client, resource, target } = judged
    const { maxRequestBytes } = client.upstream
    if (maxRequestBytes !== null && Number(request.headers['content-length'] ?? 0) > maxRequestBytes) {
      return answerError(response, 413, 'request_too_large')
    }
    const running: Running = {
      operations: [operationOf(request.method)],
      resource,
      end: () => request.socket.destroy(),
    }
    device.begin(running, this.#parts.clock.now())
    response.once('close', () => {
      device.running.delete(running)
      if (response.writableFinished) device.answers++
    })
    const exchange = { request, target, ...this.#about(device) }
    const mender = this.#mender.get(client.upstream.id)
    if (mender) mender.forward({ ...exchange, path: judged.path, userId: device.userId }, response)
    else client.forward(exchange, response)
  }

  #upgrade(request: IncomingMessage, { socket, head }: { socket: Duplex; head: Buffer }): void {
    const judged = this.#judge(request, ['read', 'write'])
    if ('error' in judged) return refuseRaw(socket, judged.status, judged.error)
    const { device, client, resource, target } = judged
    const running: Running = { operations: ['read', 'write'], resource, end: () => socket.destroy() }
    device.begin(running, this.#parts.clock.now())
    socket.once('close', () => device.running.delete(running))
    client.upgrade({ request, target, ...this.#about(device) }, { socket, head })
  }

  #about(device: EdgeConnection): Pick<Exchange, 'identity' | 'onFlood'> {
    return {
      identity: identityOf(device),
      onFlood: () => this.#parts.connections.endQuotaExceeded(device.userId),
    }
  }

  /** `target`: what the upstream gets; with the query, which is not judged. */
  #judge(
    request: IncomingMessage,
    operations: Running['operations'],
  ): ({ device: EdgeConnection } & Routed) | { status: number; error: string } {
    const known = this.#devices.get(request.socket)
    if (!known) return { status: 403, error: 'unknown_device' }
    clearTimeout(known.timer)
    const path = readEdgePath(request.url ?? '')
    if (path === null) return { status: 400, error: 'path_refused' }
    const found = this.#route(request.url ?? '', { path, upstreamId: known.upstreamId })
    const { device } = known
    if (!found || !device.may(operations, found.resource)) {
      this.#recordRefusal(device, found?.resource ?? path)
      return { status: 403, error: 'request_refused' }
    }
    if (found.client.upstream.kind === 'mender' && !MenderEdge.isDevicePath(found.path)) {
      return { status: 404, error: 'not_a_device_path' }
    }
    return { device, ...found }
  }

  #route(url: string, { path, upstreamId }: { path: string; upstreamId: string | null }): Routed | null {
    if (upstreamId !== null) {
      const client = this.#upstreams.get(upstreamId)
      return client ? { client, resource: `/${client.upstream.name}${path}`, path, target: url } : null
    }
    const [, name = ''] = path.split('/', 2)
    const client = [...this.#upstreams.values()].find(({ upstream }) => upstream.name === name)
    const target = url.slice(name.length + 1)
    if (!client) return null
    return {
      client,
      resource: path,
      path: path.slice(name.length + 1) || '/',
      target: target.startsWith('/') ? target : `/${target}`,
    }
  }

  #recordAdmission(connection: Connection): void {
    const { decisions, admissions, stats, clock } = this.#parts
    const { admissionRule, username } = connection
    decisions.record({ outcome: 'admitted', reason: null, ...factsOf(connection), admissionRule })
    admissions.registered(username)
    stats.signedIn(connection, clock.now())
  }

  #recordRefusal({ connection }: EdgeConnection, resource: string): void {
    recordOnce(this.#parts.decisions, connection, { reason: 'request_refused', topic: resource })
  }
}

function identityOf({ connection }: EdgeConnection) {
  const { username, credentials } = connection
  return { username, address: credentials.address, presented: credentials.presented }
}
