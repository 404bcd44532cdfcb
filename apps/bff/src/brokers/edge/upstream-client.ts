/** Sends requests of devices to one upstream, over connections that it keeps. */
import {
  type ClientRequest,
  Agent as HttpAgent,
  type IncomingMessage,
  type RequestOptions,
  request as requestHttp,
  type ServerResponse,
} from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import type { Duplex } from 'node:stream'
import { urlToHttpOptions } from 'node:url'
import type { Upstream } from '@gatehouse/contract/brokers/upstreams'
import { readAtMost } from '../../platform/base/read-at-most.ts'
import { type AddressRules, allowedLookup, refuseLiteralAddress } from '../../platform/outbound/addresses.ts'
import { answerFault, rawHead, refuseRaw, statusOf, type UpstreamFault } from './answers.ts'
import { BodyFlow } from './body-flow.ts'
import { endToEnd, fromDevice, type Identity, identifying, without } from './headers.ts'
import { passUpgraded } from './upgraded.ts'
import { upstreamChanged, watchTimes } from './upstream-times.ts'

/** Connections to one upstream at a time. Further requests wait, at most as long as for a connection. */
const maxConnections = 1_000
const maxIdleConnections = 64

/** Only administrators add upstreams, and most of them are in the same network. */
export const upstreamAddresses: AddressRules = { mayBePrivate: true }

interface ApiCall {
  method: string
  path: string
  /** JSON. */
  body: string | null
  /** Null: without credentials. */
  authorization: string | null
}

/** A call of an API has no whole answer. */
export class CallFault extends Error {
  readonly fault: UpstreamFault

  constructor(path: string, fault: UpstreamFault) {
    super(`${path}: ${fault}`)
    this.name = 'CallFault'
    this.fault = fault
  }
}

export interface ApiAnswer {
  status: number
  text: string
}

/** Of an answer to the edge itself. */
const maxAnswerBytes = 1_024 * 1_024

export interface Exchange {
  request: IncomingMessage
  /** What the upstream gets as request target. */
  target: string
  identity: Identity
  /** Ends the device. See `BodyFlow`. */
  onFlood(): void
  /** Instead of the stream of the request: it was read already. */
  body?: Buffer
}

export class UpstreamClient {
  readonly upstream: Upstream
  readonly #secret: string | null
  readonly #flow: BodyFlow
  readonly #agent: HttpAgent
  readonly #url: URL
  readonly #address: RequestOptions
  readonly #running = new Set<ClientRequest | Duplex>()

  /** `secret`: the password or the token of `upstream.authentication`. Throws `AddressRefused` for an address that is not allowed. */
  constructor(upstream: Upstream, secret: string | null, flow = new BodyFlow()) {
    this.upstream = upstream
    this.#secret = secret
    this.#flow = flow
    this.#url = new URL(upstream.origin)
    this.#address = urlToHttpOptions(this.#url)
    refuseLiteralAddress(this.#url.hostname, upstreamAddresses)
    const lookup = allowedLookup(upstreamAddresses)
    const options = { keepAlive: true, maxSockets: maxConnections, maxFreeSockets: maxIdleConnections, lookup }
    this.#agent = this.#isSecure
      ? new HttpsAgent({ ...options, ...(upstream.authorities === null ? {} : { ca: upstream.authorities }) })
      : new HttpAgent(options)
  }

  /** Answers the device with what the upstream answers, or with a fault. `onAnswer` gets the status of the upstream. */
  forward(exchange: Exchange, response: ServerResponse, onAnswer?: (status: number) => void): void {
    const sent = this.#send(exchange, ['Connection', 'keep-alive'], (fault) => answerFault(response, fault))
    sent.on('response', (answer) => {
      onAnswer?.(answer.statusCode ?? 0)
      response.writeHead(answer.statusCode ?? 502, this.#answerHeaders(answer))
      answer.on('error', () => response.destroy())
      // An answer that ends before its length must not look whole.
      answer.on('aborted', () => response.destroy())
      this.#flow.passAnswer(answer, response)
    })
    response.on('close', () => {
      if (!response.writableFinished) sent.destroy()
    })
    this.#sendBody(exchange, sent, () => answerFault(response, 'request_too_large'))
  }

  /** Passes an upgrade on, such as to WebSocket, and then the bytes both ways. `head`: what the device has sent already. */
  upgrade(exchange: Exchange, { socket, head }: { socket: Duplex; head: Buffer }): void {
    const headers = ['Connection', 'Upgrade', 'Upgrade', exchange.request.headers.upgrade ?? '']
    const sent = this.#send(exchange, headers, (fault) => refuseRaw(socket, statusOf[fault], fault))
    socket.on('error', () => sent.destroy())
    socket.on('close', () => sent.destroy())
    sent.on('upgrade', (answer, upstreamSocket, upstreamHead) => {
      this.#running.delete(sent)
      this.#running.add(upstreamSocket)
      upstreamSocket.on('close', () => this.#running.delete(upstreamSocket))
      socket.write(
        rawHead(101, [
          ...endToEnd(answer.rawHeaders),
          'Connection',
          'Upgrade',
          'Upgrade',
          answer.headers.upgrade ?? '',
        ]),
      )
      if (upstreamHead.length > 0) socket.write(upstreamHead)
      if (head.length > 0) upstreamSocket.write(head)
      const { idleTimeoutMs } = this.upstream
      const { onFlood } = exchange
      passUpgraded(this.#flow, { device: socket, upstream: upstreamSocket, idleTimeoutMs, onFlood })
    })
    // The upstream refuses to upgrade.
    sent.on('response', (answer) => {
      const given = without(endToEnd(answer.rawHeaders), 'content-length')
      socket.write(rawHead(answer.statusCode ?? 502, [...given, 'Connection', 'close']))
      answer.on('error', () => socket.destroy())
      answer.on('aborted', () => socket.destroy())
      this.#flow.passAnswer(answer, socket)
    })
    sent.end()
  }

  /** Calls an API of the upstream for the edge itself. Rejects if there is no whole answer within the times and the bound. */
  call({ method, path, body, authorization }: ApiCall): Promise<ApiAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<ApiAnswer>()
    const length = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body ?? '') }
    const headers = {
      ...(authorization !== null && { Authorization: authorization }),
      Accept: '*/*',
      ...(method === 'GET' ? {} : length),
    }
    const sent = this.#open({ method, path, headers }, (fault) => reject(new CallFault(path, fault)))
    sent.on('response', (answer) => void readAnswer(answer).then(resolve, reject))
    sent.end(body ?? undefined)
    return promise
  }

  /** Ends what runs, and the connections to the upstream. */
  close(): void {
    for (const each of this.#running) each.destroy(new Error(upstreamChanged))
    this.#agent.destroy()
  }

  get #isSecure(): boolean {
    return this.#url.protocol === 'https:'
  }

  #send(
    { request, target, identity, body }: Exchange,
    connection: readonly string[],
    onFault: (fault: UpstreamFault) => void,
  ): ClientRequest {
    const headers = [
      'Host',
      this.#url.host,
      ...this.#authenticated(fromDevice(request.rawHeaders)),
      ...identifying(identity),
      ...framing(request, body),
      ...connection,
    ]
    return this.#open({ method: request.method ?? 'GET', path: target, headers }, onFault)
  }

  #open(options: RequestOptions, onFault: (fault: UpstreamFault) => void): ClientRequest {
    const send = this.#isSecure ? requestHttps : requestHttp
    const { protocol, hostname, port } = this.#address
    const sent = send({ ...options, protocol, hostname, port, agent: this.#agent })
    this.#running.add(sent)
    sent.on('close', () => this.#running.delete(sent))
    watchTimes(sent, { times: this.upstream, isSecure: this.#isSecure, onFault })
    return sent
  }

  #sendBody({ request, body, onFlood }: Exchange, sent: ClientRequest, onTooLarge: () => void): void {
    if (body) return void sent.end(body)
    if (!hasBody(request)) return void sent.end()
    const most = this.upstream.maxRequestBytes ?? Number.POSITIVE_INFINITY
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= most) return
      onTooLarge()
      sent.destroy()
    })
    request.on('aborted', () => sent.destroy())
    this.#flow.pass(request, sent, onFlood)
  }

  /** With the edge's own credentials instead of the device's. At a Mender server the device's own token counts. */
  #authenticated(headers: string[]): string[] {
    const { kind, authentication, username } = this.upstream
    if (kind === 'mender' || authentication === 'none') return headers
    return [
      ...without(headers, 'authorization'),
      'Authorization',
      credentialsOf({ authentication, username, secret: this.#secret }),
    ]
  }

  /** A redirect to the upstream itself leads to the edge again. */
  #answerHeaders(answer: IncomingMessage): string[] {
    const { origin } = this.upstream
    return endToEnd(answer.rawHeaders).map((text, at, all) => {
      const isOwn = text.startsWith(`${origin}/`) && at % 2 === 1 && all[at - 1]?.toLowerCase() === 'location'
      return isOwn ? text.slice(origin.length) : text
    })
  }
}

async function readAnswer(answer: IncomingMessage): Promise<ApiAnswer> {
  const body = await readAtMost(answer, maxAnswerBytes)
  if (body) return { status: answer.statusCode ?? 0, text: body.toString() }
  answer.destroy()
  throw new Error('the answer of the upstream is too large')
}

/** RFC 7617 and RFC 6750. */
export function credentialsOf({
  authentication,
  username,
  secret,
}: Pick<Upstream, 'authentication' | 'username'> & { secret: string | null }): string {
  if (authentication === 'bearer') return `Bearer ${secret ?? ''}`
  return `Basic ${Buffer.from(`${username ?? ''}:${secret ?? ''}`).toString('base64')}`
}

function hasBody({ headers }: IncomingMessage): boolean {
  return 'content-length' in headers || 'transfer-encoding' in headers
}

/** One framing, written anew: the parser has refused requests with two (RFC 9112 §6.3). */
function framing(request: IncomingMessage, body: Buffer | undefined): string[] {
  if (body) return ['Content-Length', String(body.length)]
  const length = request.headers['content-length']
  if (length !== undefined) return ['Content-Length', length]
  return hasBody(request) ? ['Transfer-Encoding', 'chunked'] : []
}
