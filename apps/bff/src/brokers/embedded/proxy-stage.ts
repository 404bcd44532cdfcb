/** Reads the PROXY header of a connection, before its TLS handshake. */
import type { Socket } from 'node:net'
import type { RefusalReason } from '@gatehouse/contract/brokers/broker'
import type { ListenerRecord } from '../listeners/listener.ts'
import { isProxyVersion, readProxyHeader } from './proxy-header.ts'

type Versions = Exclude<ListenerRecord['proxyProtocol']['versions'], 'off'>

export type ProxyResult = { address: string | null } | { refused: RefusalReason }

/**
 * Resolves when the header has arrived; its bytes are taken off the socket, and the others stay. `address` null: the proxy speaks
 * for itself. A header that stays incomplete ends with the connection or with `signal`.
 */
export function takeProxyHeader(tcp: Socket, versions: Versions, signal: AbortSignal): Promise<ProxyResult> {
  const { promise, resolve } = Promise.withResolvers<ProxyResult>()
  let seen = Buffer.alloc(0)
  const settle = (result: ProxyResult) => {
    tcp.off('readable', read).off('close', end)
    signal.removeEventListener('abort', end)
    resolve(result)
  }
  const end = () => settle({ refused: seen.length === 0 ? 'proxy_header_missing' : 'proxy_header_malformed' })
  const read = () => {
    for (let chunk = tcp.read() as Buffer | null; chunk; chunk = tcp.read() as Buffer | null) {
      seen = Buffer.concat([seen, chunk])
    }
    if (seen.length === 0) return
    const expected = isProxyVersion(seen, versions)
    if (expected !== 'expected') return settle({ refused: reasons[expected] })
    const header = readProxyHeader(seen)
    if (header === 'incomplete') return
    if (header === 'malformed') return settle({ refused: 'proxy_header_malformed' })
    const rest = seen.subarray(header.length)
    settle({ address: header.address })
    if (rest.length > 0) tcp.unshift(rest)
  }
  tcp.on('readable', read).on('close', end)
  signal.addEventListener('abort', end)
  return promise
}

const reasons = { none: 'proxy_header_missing', other: 'proxy_header_malformed' } as const
