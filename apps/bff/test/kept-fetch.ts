/**
 * `fetch` for tests, through `node:http` and a kept connection: half of the CPU time, and the tests send some 40,000 requests. It
 * follows no redirect and asks for no compression. What it cannot send goes to the `fetch` of Node.
 */
import { Agent, type IncomingMessage, request } from 'node:http'
import { Readable } from 'node:stream'

// The client gives an idle connection up long before the server does, so that no request meets a connection that ends.
const agent = new Agent({ keepAlive: true, timeout: 1_000 })

/** What `fetch` sends too. */
const usual = { Accept: '*/*', 'Accept-Language': '*', 'Sec-Fetch-Mode': 'cors', 'User-Agent': 'node' }

export const keptFetch: typeof globalThis.fetch = async (input, init = {}) => {
  const { body = null } = init
  const isPlain = body === null || typeof body === 'string' || body instanceof Uint8Array
  if (input instanceof Request || !String(input).startsWith('http://') || !isPlain) return fetch(input, init)
  const answer = await send(String(input), init, body)
  const { statusCode = 0, statusMessage = '' } = answer
  if (statusCode >= 300 && statusCode < 400 && statusCode !== 304 && init.redirect !== 'manual') {
    throw new Error(`${String(input)} redirects`)
  }
  return new Response(await readBody(answer), {
    status: statusCode,
    statusText: statusMessage,
    headers: headersOf(answer),
  })
}

function send(url: string, { method = 'GET', headers, signal }: RequestInit, body: string | Uint8Array | null) {
  const sent: Record<string, string> = { ...usual }
  for (const [name, value] of new Headers(headers)) sent[name] = value
  if (typeof body === 'string' && sent['content-type'] === undefined) sent['content-type'] = 'text/plain;charset=UTF-8'
  if (body !== null || method !== 'GET') sent['content-length'] = String(Buffer.byteLength(body ?? ''))
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  request(url, { method, headers: sent, agent, ...(signal && { signal }) })
    .once('response', resolve)
    .once('error', reject)
    .end(body ?? undefined)
  return promise
}

/** A stream of events does not end by itself. */
async function readBody(answer: IncomingMessage): Promise<Buffer<ArrayBuffer> | ReadableStream | null> {
  if (answer.headers['content-type'] === 'text/event-stream') return Readable.toWeb(answer) as ReadableStream
  const parts: Buffer[] = []
  for await (const part of answer) parts.push(part as Buffer)
  const isEmpty = answer.statusCode === 204 || answer.statusCode === 304
  return isEmpty ? null : Buffer.concat(parts)
}

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers()
  for (let at = 0; at < rawHeaders.length; at += 2) headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '')
  return headers
}
