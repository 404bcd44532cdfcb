/** What the edge itself answers to a device. */
import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { pairs } from './headers.ts'

/** Why a request was not answered by its upstream. The device gets the code as JSON. */
export type UpstreamFault =
  | 'upstream_unreachable'
  | 'upstream_timeout'
  | 'upstream_failed'
  | 'request_too_large'
  | 'upstream_changed'

export const statusOf: Record<UpstreamFault, number> = {
  upstream_unreachable: 502,
  upstream_timeout: 504,
  upstream_failed: 502,
  request_too_large: 413,
  upstream_changed: 503,
}

export function answerFault(response: ServerResponse, fault: UpstreamFault): void {
  if (response.headersSent) return void response.destroy()
  answerError(response, statusOf[fault], fault)
}

/** The connection ends afterwards: the rest of the request is not read. */
export function answerError(response: ServerResponse, status: number, error: string): void {
  const body = JSON.stringify({ error })
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': body.length, Connection: 'close' })
  response.end(body)
}

/** Answers on a socket that is no HTTP response any more. */
export function refuseRaw(socket: Duplex, status: number, error: string): void {
  if (socket.destroyed) return
  const body = JSON.stringify({ error })
  const headers = ['Content-Type', 'application/json', 'Content-Length', String(body.length), 'Connection', 'close']
  socket.on('error', () => {}) // the device may have closed it
  socket.end(rawHead(status, headers) + body)
}

/** `headers` come from a parser or from us, so that none contains a line break. */
export function rawHead(status: number, headers: readonly string[]): string {
  const lines = pairs(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} ${status === 101 ? 'Switching Protocols' : 'Refused'}\r\n${lines.join('')}\r\n`
}
