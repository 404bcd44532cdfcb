/** Requests of devices to a Mender server: its device API only, and authentication requests after their checks. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { IdentityClaim } from '../../upstreams/identities-store.ts'
import { answerError } from '../answers.ts'
import type { BodyFlow } from '../body-flow.ts'
import type { Identity } from '../headers.ts'
import type { UpstreamClient } from '../upstream-client.ts'
import {
  type AuthRequest,
  authRequestPath,
  type MenderRefusal,
  maxAuthRequestBytes,
  readAuthRequest,
} from './auth-request.ts'
import { MenderManagement } from './management.ts'

const devicePaths = '/api/devices/'

interface Parts {
  client: UpstreamClient
  secret: string | null
  flow: BodyFlow
  /** Does this identity belong to this user? The first user that asks gets it. */
  claimIdentity(claim: IdentityClaim): Promise<boolean>
  report(error: unknown): void
}

export interface MenderExchange {
  request: IncomingMessage
  /** Decoded. */
  path: string
  target: string
  identity: Identity
  userId: string
  onFlood(): void
}

export class MenderEdge {
  readonly #parts: Parts
  readonly #management: MenderManagement

  constructor(parts: Parts) {
    this.#parts = parts
    this.#management = new MenderManagement(parts.client, parts.secret)
  }

  /** The management API is never reached through the edge. */
  static isDevicePath(path: string): boolean {
    return path.startsWith(devicePaths)
  }

  forward(exchange: MenderExchange, response: ServerResponse): void {
    const { client, report } = this.#parts
    const isAuthentication = exchange.path.replace(/\/$/, '') === authRequestPath && exchange.request.method === 'POST'
    if (!isAuthentication) return client.forward(exchange, response)
    this.#authenticate(exchange, response).catch((error: unknown) => {
      // The device has closed the connection, or the edge has ended it.
      if (exchange.request.socket.destroyed) return
      report(error)
      if (!response.headersSent) answerError(response, 502, 'upstream_failed')
    })
  }

  async #authenticate(exchange: MenderExchange, response: ServerResponse): Promise<void> {
    const { request, identity, userId, onFlood } = exchange
    const body = await this.#parts.flow.read(request, maxAuthRequestBytes, onFlood)
    if (body === null) return answerError(response, 413, 'request_too_large')
    const read = await this.#check(body, { request, identity, userId })
    if ('error' in read) return answerError(response, read.status, read.error)
    await this.#management.accept(read)
    if (response.destroyed) return
    this.#parts.client.forward({ ...exchange, body }, response, (status) => {
      if (status === 401) this.#management.forget(read)
    })
  }

  async #check(
    body: Buffer,
    { request, identity, userId }: Pick<MenderExchange, 'request' | 'identity' | 'userId'>,
  ): Promise<AuthRequest | MenderRefusal> {
    const signature = request.headers['x-men-signature']
    const [certificate = new Uint8Array()] = identity.presented
    const read = readAuthRequest(body, {
      signature: typeof signature === 'string' ? signature : undefined,
      certificate,
    })
    if ('error' in read) return read
    const { id, identityAttribute } = this.#parts.client.upstream
    const isOwn =
      identityAttribute === null
        ? await this.#parts.claimIdentity({ upstreamId: id, identityHash: read.identityHash, userId })
        : read.identity[identityAttribute] === identity.username
    return isOwn ? read : { status: 403, error: 'identity_differs' }
  }
}
