/** Which headers the edge passes on, and which it sets (RFC 9110 §7.6, RFC 9440). */
import type { IncomingHttpHeaders } from 'node:http'

/** They concern one connection only (RFC 9110 §7.6.1), or the framing, which Node writes anew. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
])

/** Only the edge sets these towards an upstream. */
const identityHeaders =
  /^(client-cert(-chain)?|forwarded|x-forwarded-.*|x-real-ip|x-gatehouse-.*|x-client-cert.*|x-ssl-.*)$/

export interface Identity {
  username: string
  /** The address of the device. */
  address: string
  /** DER, the leaf first. */
  presented: readonly Uint8Array[]
}

/** `raw`: names and values in turn, as Node reads them. Returns the same without what concerns only this connection. */
export function endToEnd(
  raw: readonly string[],
  { connection = '' }: Pick<IncomingHttpHeaders, 'connection'>,
): string[] {
  const named = new Set(connection.split(',').map((name) => name.trim().toLowerCase()))
  return pairs(raw).flatMap(([name, value]) => {
    const lower = name.toLowerCase()
    return hopByHop.has(lower) || named.has(lower) ? [] : [name, value]
  })
}

/** The headers of the request of a device that an upstream may see: without those by which the edge names the device. */
export function fromDevice(raw: readonly string[], headers: Pick<IncomingHttpHeaders, 'connection'>): string[] {
  return pairs(endToEnd(raw, headers)).flatMap(([name, value]) => {
    // Some servers read `_` as `-`, so that `X_Gatehouse_User` would become our header.
    const lower = name.toLowerCase().replaceAll('_', '-')
    return lower === 'host' || lower === 'content-length' || identityHeaders.test(lower) ? [] : [name, value]
  })
}

/** The headers that name the device to the upstream. The username is percent-encoded (RFC 3986 §2.1), so that it fits into a header. */
export function identifying({ username, address, presented }: Identity): string[] {
  const [leaf, ...chain] = presented.map(byteSequence)
  return [
    'X-Gatehouse-User',
    encodeURIComponent(username),
    'X-Forwarded-For',
    address,
    'X-Forwarded-Proto',
    'https',
    ...(leaf ? ['Client-Cert', leaf] : []),
    ...(chain.length > 0 ? ['Client-Cert-Chain', chain.join(', ')] : []),
  ]
}

/** RFC 8941 §3.3.5, as RFC 9440 §2.1 uses it. */
function byteSequence(der: Uint8Array): string {
  return `:${Buffer.from(der).toString('base64')}:`
}

export function pairs(raw: readonly string[]): [name: string, value: string][] {
  return Array.from({ length: raw.length / 2 }, (_, at) => [raw[2 * at] ?? '', raw[2 * at + 1] ?? ''])
}

/** Returns the list without all headers of this name. */
export function without(raw: readonly string[], unwanted: string): string[] {
  return pairs(raw).flatMap(([name, value]) => (name.toLowerCase() === unwanted ? [] : [name, value]))
}
