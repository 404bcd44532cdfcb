/**
 * Streams files while they are generated: the whole list is never in memory, and the caller's speed limits the pace.
 */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type ExportFormat, exportTypes, type Route, type Streamed } from '@gatehouse/contract/route'
import type { Request, Response } from 'express'
import { type Encoding, packingStream } from './encoding.ts'

/** The export format that the caller prefers to JSON, or null. */
export function preferredExport({ exports = [] }: Route, request: Request): ExportFormat | null {
  const preferred = request.accepts(['application/json', ...exports.map((format) => exportTypes[format])])
  return exports.find((format) => exportTypes[format] === preferred) ?? null
}

export function isStreamed(answer: unknown): answer is Streamed {
  return typeof answer === 'object' && answer !== null && 'chunks' in answer
}

/** A failure half-way aborts the transfer, so that a part is not mistaken for the whole file. */
export async function sendStream(
  response: Response,
  { mediaType, fileName, chunks }: Streamed,
  encoding: Encoding,
): Promise<void> {
  response.attachment(fileName).type(mediaType)
  if (encoding !== 'identity') response.set('Content-Encoding', encoding)
  const packing = encoding === 'identity' ? [] : [packingStream(encoding)]
  try {
    await pipeline([Readable.from(chunks), ...packing, response])
  } catch (error) {
    // The client closed the connection: there is nobody to report to.
    if (!hasCode(error, 'ERR_STREAM_PREMATURE_CLOSE')) throw error
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
