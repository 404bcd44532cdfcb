/** Which headers the edge passes on, and which it sets (RFC 9110 §7.6, RFC 9440). */

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
export function endToEnd(raw: readonly string[]): string[] {
  const named = namedByConnection(raw)
  return keep(raw, (name) => !hopByHop.has(name) && !named?.has(name))
}

/** The headers of the request of a device that an upstream may see: without those by which the edge names the device. */
export function fromDevice(raw: readonly string[]): string[] {
  return keep(endToEnd(raw), (lower) => {
    // Some servers read `_` as `-`, so that `X_Gatehouse_User` would become our header.
    const name = lower.replaceAll('_', '-')
    return name !== 'host' && name !== 'content-length' && !identityHeaders.test(name)
  })
}

/** Headers that a sender declares to concern the connection only (RFC 9110 §7.6.1). Null: none. A loop, as in `keep`. */
function namedByConnection(raw: readonly string[]): Set<string> | null {
  let named: Set<string> | null = null
  for (let at = 0; at < raw.length; at += 2) {
    if (raw[at]?.toLowerCase() !== 'connection') continue
    named ??= new Set()
    for (const name of (raw[at + 1] ?? '').split(',')) named.add(name.trim().toLowerCase())
  }
  return named
}

/** The headers that name the device to the upstream. The username is percent-encoded (RFC 3986 §2.1), so that it fits into a header. */
export function identifying({ username, address, presented }: Identity): string[] {
  return [
    'X-Gatehouse-User',
    encodeURIComponent(username),
    'X-Forwarded-For',
    address,
    'X-Forwarded-Proto',
    'https',
    ...certificateHeaders(presented),
  ]
}

/** Of each chain as long as its connection lives: a device sends many requests. */
const written = new WeakMap<readonly Uint8Array[], string[]>()

function certificateHeaders(presented: readonly Uint8Array[]): string[] {
  const known = written.get(presented)
  if (known) return known
  const [leaf, ...chain] = presented.map(byteSequence)
  const headers = [
    ...(leaf ? ['Client-Cert', leaf] : []),
    ...(chain.length > 0 ? ['Client-Cert-Chain', chain.join(', ')] : []),
  ]
  written.set(presented, headers)
  return headers
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
  return keep(raw, (name) => name !== unwanted)
}

/** `isKept` gets names in lower case. A loop, because it runs several times for each request. */
function keep(raw: readonly string[], isKept: (name: string) => boolean): string[] {
  const kept: string[] = []
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] ?? ''
    if (isKept(name.toLowerCase())) kept.push(name, raw[at + 1] ?? '')
  }
  return kept
}
