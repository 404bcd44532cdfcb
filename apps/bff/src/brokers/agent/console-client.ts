/** Calls the console over mutual TLS. It trusts the enforcers' CA only, and it bounds what it reads. */
import type { IncomingMessage } from 'node:http'
import { Agent, request as httpsRequest, type RequestOptions } from 'node:https'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import {
  type EnforcerRefusal,
  EnrolAnswer,
  type EnrolRequest,
  enforcerPaths,
  enforcerRefusals,
  enforcerServerName,
  longestPullMs,
  maxEnforcerAnswerBytes,
  PullAnswer,
  type PullRequest,
  RenewAnswer,
  type RenewRequest,
  type Report,
} from '@gatehouse/contract/brokers/enforcer-protocol'
import type * as z from 'zod/mini'
import type { ProxyEnvironment } from '../../platform/outbound/outbound-fetch.ts'
import { Refused, WrongAnswer } from './console-fault.ts'
import type { Identity } from './identity.ts'

/** The console answers everything but a pull at once. */
const answerWithinMs = 20_000
const unpack = promisify(gunzip)

type Trust = Pick<Identity, 'console' | 'authority'> & Partial<Pick<Identity, 'certificate' | 'key'>>

export class ConsoleClient {
  readonly #agent: Agent
  readonly #place: RequestOptions

  /** Without a certificate only `enrol` works. */
  constructor({ console: url, authority, certificate, key }: Trust, proxy: ProxyEnvironment = {}) {
    // One for the poll that is held, one for reports.
    this.#agent = new Agent({ keepAlive: true, maxSockets: 2, keepAliveMsecs: 15_000, proxyEnv: { ...proxy } })
    this.#place = {
      ...placeOf(url),
      agent: this.#agent,
      ca: authority,
      // The certificate is for this name, wherever the console listens. No other server has one of this CA.
      servername: enforcerServerName,
      minVersion: 'TLSv1.3',
      ...(certificate !== undefined && { cert: certificate }),
      ...(key !== undefined && { key }),
    }
  }

  enrol(body: z.output<typeof EnrolRequest>): Promise<EnrolAnswer> {
    return this.#call(enforcerPaths.enrol, body, { answer: EnrolAnswer })
  }

  async renew(body: z.output<typeof RenewRequest>): Promise<string> {
    const { certificate } = await this.#call(enforcerPaths.renew, body, { answer: RenewAnswer })
    return certificate
  }

  /** Waits up to the time of the request. */
  pull(body: PullRequest, stop: AbortSignal): Promise<PullAnswer> {
    return this.#call(enforcerPaths.pull, body, {
      answer: PullAnswer,
      stop,
      withinMs: answerWithinMs + Math.min(body.waitMs, longestPullMs),
    })
  }

  async report(body: Report): Promise<void> {
    await this.#send(enforcerPaths.report, body, {})
  }

  close(): void {
    this.#agent.destroy()
  }

  async #call<S extends z.ZodMiniType>(
    path: string,
    body: object,
    { answer, ...how }: { answer: S } & Sending,
  ): Promise<z.output<S>> {
    const text = await this.#send(path, body, how)
    const parsed = answer.safeParse(parseJson(text))
    if (!parsed.success) throw new WrongAnswer('it has another form')
    return parsed.data
  }

  async #send(path: string, body: object, { withinMs = answerWithinMs, stop }: Sending): Promise<string> {
    const late = AbortSignal.timeout(withinMs)
    const signal = stop ? AbortSignal.any([stop, late]) : late
    try {
      const response = await open({ ...this.#place, path, method: 'POST', signal }, JSON.stringify(body))
      const text = await read(response)
      if (response.statusCode === 200 || response.statusCode === 204) return text
      throw refusalIn(text)
    } catch (error) {
      if (late.aborted) throw Object.assign(new Error('The console does not answer'), { code: 'ETIMEDOUT' })
      throw error
    }
  }
}

/** Of `https://host:port`. */
export function placeOf(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url)
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 443 : Number(port) }
}

interface Sending {
  withinMs?: number
  stop?: AbortSignal
}

function open(options: RequestOptions, body: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }
    httpsRequest({ ...options, headers }, resolve)
      .once('error', reject)
      .end(body)
  })
}

async function read(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length
    // Leaving the loop destroys the connection.
    if (length > maxEnforcerAnswerBytes) throw new WrongAnswer('it is too large')
    chunks.push(chunk)
  }
  const bytes = Buffer.concat(chunks)
  if (response.headers['content-encoding'] !== 'gzip') return bytes.toString()
  const unpacked = await unpack(bytes, { maxOutputLength: maxEnforcerAnswerBytes }).catch(() => {
    throw new WrongAnswer('it cannot be unpacked')
  })
  return unpacked.toString()
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new WrongAnswer('it is no JSON')
  }
}

function refusalIn(text: string): Error {
  const body = parseJson(text)
  const code = typeof body === 'object' && body !== null && 'code' in body ? String(body.code) : ''
  if (Object.hasOwn(enforcerRefusals, code)) return new Refused(code as EnforcerRefusal)
  return new WrongAnswer('it is no answer for an agent')
}
