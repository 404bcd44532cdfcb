/**
 * Reads a JSON body: no larger than the route allows, of the right type, parsed strictly. What is refused is answered at once;
 * Node reads the rest away, as long as a request may take.
 */
import type { RouteDefinition } from '@gatehouse/contract/route'
import type { Request } from 'express'
import { Problem } from '../base/problem.ts'
import { readBearer } from './bearer.ts'

const defaultMaxBytes = 100 * 1024

// What curl says when it is told nothing: the tutorials' lines must work as they are.
const curlDefault = 'application/x-www-form-urlencoded'

export async function readBody(request: Request, route: RouteDefinition): Promise<unknown> {
  requireJson(request, route)
  const limit = route.maxBytes ?? defaultMaxBytes
  if (Number(request.get('Content-Length') ?? 0) > limit) throw new Problem('too_large')
  const bytes = await readBytes(request, limit).catch(() => null)
  // The sender went away: nobody is there to be answered, and nothing is wrong here.
  if (bytes === null) throw new Problem('broken_json')
  if (bytes.length > limit) throw new Problem('too_large')
  try {
    // JSON is UTF-8 (RFC 8259 §8.1); what is not must not be kept as something else.
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new Problem('broken_json')
  }
}

function requireJson(request: Request, route: RouteDefinition): void {
  const [type = '', ...parameters] = (request.get('Content-Type') ?? '').toLowerCase().split(';')
  const isUtf8 = parameters.every((one) => !one.includes('charset') || /^\s*charset="?utf-8"?\s*$/.test(one))
  // A packed body may unpack to anything; ours are small.
  const isPacked = (request.get('Content-Encoding') ?? 'identity').toLowerCase() !== 'identity'
  if (!isUtf8 || isPacked || !isJson(type.trim(), request, route)) throw new Problem('unsupported_media_type')
}

function isJson(type: string, request: Request, route: RouteDefinition): boolean {
  if (type === 'application/json') return true
  // No cookie is believed on these, so a form on another site gains nothing by posting here.
  const isScript = readBearer(request) !== null || route.forScripts === true
  return isScript && (type === '' || type === curlDefault)
}

/** The whole body, or as much of it as shows that it is too large. */
async function readBytes(request: Request, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  // Not destroyed when we stop reading: the answer has to go out on the same connection.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    length += chunk.length
    if (length > limit) break
  }
  // What may still come is read and forgotten; paused, it would hold the connection for as long as a request may take.
  request.resume()
  return Buffer.concat(chunks)
}
