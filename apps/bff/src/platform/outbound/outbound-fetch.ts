/**
 * `fetch` for servers whose address an administrator configured: the address is checked, the connection is pinned to it, redirects
 * are not followed, and time and size are bounded. The global `fetch` takes neither a lookup nor a CA.
 */
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import type { Duplex } from 'node:stream'
import { readAtMost } from '../base/read-at-most.ts'
import { AddressRefused, type AddressRules, allowedLookup, refuseLiteralAddress } from './addresses.ts'

/** The proxy of the machine, in the words of its environment. Node reads `NO_PROXY` as curl does. */
export interface ProxyEnvironment {
  HTTP_PROXY?: string
  HTTPS_PROXY?: string
  NO_PROXY?: string
}

export interface OutboundRules extends AddressRules {
  /** PEM of the only CAs that are trusted. Null: those of Node. */
  authorities: string | null
  /** Of the whole call: connection, answer and body. */
  timeoutMs: number
  /** Of the answer. */
  maxBytes: number
  /** Behind a proxy, the proxy resolves the names: then only literal addresses are checked here. */
  proxy: ProxyEnvironment
}

export type OutboundReason =
  | 'address_refused'
  | 'unreachable'
  | 'timeout'
  | 'certificate_refused'
  | 'proxy_refused'
  | 'answer_too_large'

/** Why there is no answer. Never contains what the server sent. */
export class OutboundFault extends Error {
  readonly reason: OutboundReason

  constructor(reason: OutboundReason, cause?: unknown) {
    super(reason, { cause })
    this.name = 'OutboundFault'
    this.reason = reason
  }
}

export interface OutboundRequest {
  method?: string
  headers?: Record<string, string>
  body?: string | null
}

export type OutboundFetch = (url: string, request?: OutboundRequest) => Promise<Response>

/** Rejects with `OutboundFault` only. */
export function makeOutboundFetch(rules: OutboundRules): OutboundFetch {
  return async (address, { method = 'GET', headers = {}, body = null } = {}) => {
    const url = new URL(address)
    const agent = agentFor(url, rules)
    try {
      refuseLiteralAddress(url.hostname, rules)
      return await send(url, { agent, rules, method, headers, body })
    } catch (error) {
      throw error instanceof OutboundFault ? error : new OutboundFault(reasonOf(error), error)
    } finally {
      agent.destroy()
    }
  }
}

/** One for each call: these calls are rare, and a connection that is kept would outlive a change of the rules. */
function agentFor(url: URL, { authorities, proxy }: OutboundRules): HttpAgent {
  const proxyEnv = { ...proxy }
  if (url.protocol !== 'https:') return new HttpAgent({ proxyEnv })
  return new ClosingHttpsAgent({ proxyEnv, ...(authorities !== null && { ca: authorities }) })
}

/** Also closes the connection to a proxy that opens no tunnel, or one to a silent server. Node would leave it open. */
class ClosingHttpsAgent extends HttpsAgent {
  #connection: Duplex | null | undefined

  override createConnection(...given: Parameters<HttpsAgent['createConnection']>): Duplex | null | undefined {
    this.#connection = super.createConnection(...given)
    return this.#connection
  }

  override destroy(): void {
    super.destroy()
    this.#connection?.destroy()
  }
}

async function send(
  url: URL,
  { agent, rules, method, headers, body }: Required<OutboundRequest> & { agent: HttpAgent; rules: OutboundRules },
): Promise<Response> {
  const { promise, resolve, reject } = Promise.withResolvers<Response>()
  const request = url.protocol === 'https:' ? requestHttps : requestHttp
  const sent = request(url, { agent, method, headers, lookup: allowedLookup(rules) })
  // Destroying the request would not do: while a proxy opens the tunnel, the request has no connection and reports nothing.
  const timer = setTimeout(() => reject(new OutboundFault('timeout')), rules.timeoutMs)
  sent.on('error', reject)
  sent.on('response', (answer) => void read(answer, rules.maxBytes).then(resolve, reject))
  sent.end(body ?? undefined)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    sent.destroy()
  }
}

async function read(answer: IncomingMessage, maxBytes: number): Promise<Response> {
  const bytes = await readAtMost(answer, maxBytes)
  if (bytes === null) throw new OutboundFault('answer_too_large')
  const headers = Object.entries(answer.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  )
  const status = answer.statusCode ?? 502
  // A body is not allowed for these (Fetch §2.2.3).
  const isNull = status === 204 || status === 205 || status === 304
  return new Response(isNull ? null : new Uint8Array(bytes), { status, headers })
}

const certificateCodes = /CERT|SELF_SIGNED|ALTNAME|UNABLE_TO_|CRL|ISSUER/

function reasonOf(error: unknown): OutboundReason {
  if (error instanceof AddressRefused) return 'address_refused'
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ADDRESS_REFUSED') return 'address_refused'
  if (code === 'ERR_PROXY_TUNNEL') return 'proxy_refused'
  if (code === 'ETIMEDOUT') return 'timeout'
  return certificateCodes.test(code) ? 'certificate_refused' : 'unreachable'
}
