// oxlint-disable-next-line typescript/triple-slash-reference -- projects that import this file do not include the declarations beside it
/// <reference path="./negotiator.d.ts" />
/**
 * Chooses a content encoding (RFC 9110 §12.5.3) and applies it. Brotli is preferred to gzip because it is a fifth
 * smaller. Compressed request bodies are never accepted: a small one may expand to any size.
 */
import type { Transform } from 'node:stream'
import { promisify } from 'node:util'
import { brotliCompress, constants, createBrotliCompress, createGzip, gzip } from 'node:zlib'
import type { Request, Response } from 'express'
import Negotiator from 'negotiator'

export type Packing = 'br' | 'gzip'
export type Encoding = Packing | 'identity'

const available = ['br', 'gzip', 'identity'] as const

/** A smaller body fits into one packet, so compression gains nothing. */
export const minPackedBytes = 1_024

// All browsers of one version send the same header. A longer header is parsed each time.
const maxKnown = 100
const maxKnownLength = 100
const known = new Map<string, Encoding>()

/** If the client accepts no encoding, the body is sent unencoded, as RFC 9110 allows. */
export function encodingFor(request: Request): Encoding {
  const header = request.headers['accept-encoding']
  if (header === undefined || header === '') return 'identity'
  const before = known.get(header)
  if (before) return before
  const found = readHeader(header)
  if (known.size < maxKnown && header.length <= maxKnownLength) known.set(header, found)
  return found
}

function readHeader(header: string): Encoding {
  const negotiator = new Negotiator({ headers: { 'accept-encoding': header } })
  return negotiator.encodings(available, { preferred: available })[0] ?? 'identity'
}

// Quality 5 is as fast as gzip and smaller. The window of 256 KiB bounds the memory of an export.
const brotliParams = { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_LGWIN]: 18 }
const toBrotli = promisify(brotliCompress)
const toGzip = promisify(gzip)

export interface Body {
  bytes: Buffer
  encoding: Encoding
}

/** Compresses the body unless it is too small. */
export async function pack(bytes: Buffer, encoding: Encoding): Promise<Body> {
  if (encoding === 'identity' || bytes.length < minPackedBytes) return { bytes, encoding: 'identity' }
  const packed = encoding === 'br' ? toBrotli(bytes, { params: brotliParams }) : toGzip(bytes)
  return { bytes: await packed, encoding }
}

export function packingStream(encoding: Packing): Transform {
  return encoding === 'br' ? createBrotliCompress({ params: brotliParams }) : createGzip()
}

/** The caller sets the type. `response.send` would look at each answer for what only some of ours have. */
export function sendBody(response: Response, { bytes, encoding }: Body): void {
  if (encoding !== 'identity') response.setHeader('Content-Encoding', encoding)
  response.setHeader('Content-Length', bytes.length)
  response.end(bytes)
}
