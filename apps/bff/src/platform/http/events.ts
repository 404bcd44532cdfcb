/**
 * Server-sent events (HTML Standard §9.2). The next event is made when the reader has taken the last one, so a slow reader gets fewer
 * events and nothing piles up. A reader that does not read at all is dropped.
 */
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { Problem } from '../base/problem.ts'
import { toProblem } from './problems.ts'

const readWithinMs = 10_000

interface Writing<T> {
  /** Writes an item as JSON. */
  encode(item: T): string
  /** A reader that takes longer is dropped. */
  readWithinMs?: number
}

/** Sends one event for each item. If the items end with an error, its code is sent as the last event, `end`. */
export async function sendEvents<T>(
  response: ServerResponse,
  items: AsyncIterable<T>,
  { encode, readWithinMs: withinMs = readWithinMs }: Writing<T>,
): Promise<void> {
  // A proxy must pass each event on at once (nginx: X-Accel-Buffering).
  response.setHeader('Content-Type', 'text/event-stream').setHeader('X-Accel-Buffering', 'no').flushHeaders()
  try {
    for await (const item of items) {
      if (!response.closed && !response.write(`data: ${encode(item)}\n\n`)) await drained(response, withinMs)
      if (response.closed) return
    }
  } catch (error) {
    response.write(`event: end\ndata: ${JSON.stringify({ code: toProblem(error).code })}\n\n`)
    if (!(error instanceof Problem)) throw error
  } finally {
    response.end()
  }
}

async function drained(response: ServerResponse, withinMs: number): Promise<void> {
  const waiting = new AbortController()
  const signal = AbortSignal.any([waiting.signal, AbortSignal.timeout(withinMs)])
  const closed = once(response, 'close', { signal })
  try {
    await Promise.race([once(response, 'drain', { signal }), closed])
  } catch {
    response.destroy()
    await once(response, 'close')
  } finally {
    waiting.abort()
  }
}
