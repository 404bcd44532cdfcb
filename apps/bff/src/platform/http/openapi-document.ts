/**
 * The OpenAPI document. It is made and compressed on the first request: that takes a tenth of a second, and most
 * servers are never asked.
 */
import { makeOpenApi } from '@gatehouse/contract/openapi/document'
import type { RequestHandler } from 'express'
import { type Body, type Encoding, encodingFor, pack, sendBody } from './encoding.ts'

export function openApiDocument(version: string): RequestHandler {
  let plain: Buffer | undefined
  const bodies = new Map<Encoding, Promise<Body>>()
  return async (request, response) => {
    plain ??= Buffer.from(JSON.stringify(makeOpenApi(version)))
    const encoding = encodingFor(request)
    const body = bodies.get(encoding) ?? pack(plain, encoding)
    bodies.set(encoding, body)
    sendBody(response.vary('Accept-Encoding').type('json'), await body)
  }
}
