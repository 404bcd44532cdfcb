/**
 * Reads a JSON body: limits its size, checks its type and parses it strictly. A refusal is sent at once; Node drains
 * the rest of the body within the request timeout.
 */
import type { RouteDefinition } from '@gatehouse/contract/route'
import type { Request } from 'express'
import { Problem } from '../base/problem.ts'
import { readBearer } from './bearer.ts'

const defaultMaxBytes = 100 * 1024

// The type that curl sends by default. The tutorials' commands must work without a header option.
const curlDefault = 'application/x-www-form-urlencoded'

export async function readBody(request: Request, route: RouteDefinition): Promise<unknown> {
  requireJson(request, route)
  const limit = route.maxBytes ?? defaultMaxBytes
  if (Number(request.get('Content-Length') ?? 0) > limit) throw new Problem('too_large')
  const bytes = await readBytes(request, limit).catch(() => null)
  // The sender closed the connection: there is nobody to respond to, and it is not a server error.
  if (bytes === null) throw new Problem('broken_json')
  if (bytes.length > limit) throw new Problem('too_large')
  try {
    // JSON is UTF-8 (RFC 8259 §8.1). Invalid bytes must not be stored as replacement characters.
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new Problem('broken_json')
  }
}

function requireJson(request: Request, route: RouteDefinition): void {
  const [type = '', ...parameters] = (request.get('Content-Type') ?? '').toLowerCase().split(';')
  const isUtf8 = parameters.every((one) => !one.includes('charset') || /^\s*charset="?utf-8"?\s*$/.test(one))
  // A compressed body may expand to any size, so none is accepted.
  const isPacked = (request.get('Content-Encoding') ?? 'identity').toLowerCase() !== 'identity'
  if (!isUtf8 || isPacked || !isJson(type.trim(), request, route)) throw new Problem('unsupported_media_type')
}

function isJson(type: string, request: Request, route: RouteDefinition): boolean {
  if (type === 'application/json') return true
  // These calls ignore cookies, so a form on another site gains nothing by posting here.
  const isScript = readBearer(request) !== null || route.forScripts === true
  return isScript && (type === '' || type === curlDefault)
}

/** Reads the whole body, or stops as soon as it is too large. */
async function readBytes(request: Request, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  // The iterator must not destroy the request: the response goes out on the same connection.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    length += chunk.length
    if (length > limit) break
  }
  // Drain the rest. A paused request would hold the connection until the request timeout.
  request.resume()
  return Buffer.concat(chunks)
}
