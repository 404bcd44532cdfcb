/**
 * Parses and normalises network addresses. A proxy may forward an address with a port, a zone or any other text.
 * Addresses are stored, shown and throttled in one form only: IPv4 as four decimal parts, IPv6 as in RFC 5952.
 */
import ipaddr from 'ipaddr.js'

/** Characters of the longest form: with brackets, zone and port. Longer text is rejected before it is parsed. */
const maxLength = 128

/** Replaces an address that the operating system did not give because the socket was already closed. */
export const unknownAddress = 'unknown'

/**
 * Returns null if the text is not an address. Drops a port and a zone, and turns `::ffff:192.0.2.1` into `192.0.2.1`.
 */
export function parseAddress(text: string | undefined): string | null {
  return parse(text)?.toString() ?? null
}

/** The address whose 4 or 16 bytes these are. */
export function addressOfBytes(bytes: Uint8Array): string {
  return ipaddr.process(ipaddr.fromByteArray([...bytes]).toString()).toString()
}

/** Its 4 or 16 bytes. Null: the text is no address. */
export function bytesOfAddress(text: string): Uint8Array | null {
  const address = parse(text)
  return address && Uint8Array.from(address.toByteArray())
}

/** The remote address of a socket. */
export function addressOfSocket({ remoteAddress }: { remoteAddress?: string | undefined }): string {
  return parseAddress(remoteAddress) ?? unknownAddress
}

/**
 * Returns a predicate: is this text an address in one of these networks (`10.0.0.2`, `10.0.0.0/8`, `2001:db8::/32`)?
 */
export function makeNetworks(networks: readonly string[]): (address: string) => boolean {
  const ranges = networks.map(parseNetwork)
  return (text) => {
    const address = parse(text)
    return address !== null && ranges.some((range) => address.kind() === range[0].kind() && address.match(range))
  }
}

/** The network of one subscriber: an IPv4 address, or the /64 of an IPv6 address. */
export function networkOf(address: string): string {
  const parsed = parse(address)
  if (parsed?.kind() !== 'ipv6') return parsed?.toString() ?? unknownAddress
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString()}/64`).toString()}/64`
}

/** Is this an address, or a network with a prefix that fits it? */
export function isNetwork(text: string): boolean {
  const [host, prefix, ...more] = text.split('/')
  const address = parse(host)
  if (!address || more.length > 0) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (host?.includes(':') ? 128 : 32))
}

type Address = ipaddr.IPv4 | ipaddr.IPv6

function parse(text: string | undefined): Address | null {
  if (text === undefined || text.length > maxLength) return null
  const host = withoutPort(text.trim())
  // `IPv4.parse` would also accept octal, hexadecimal and shortened forms.
  if (ipaddr.IPv4.isValidFourPartDecimal(host)) return ipaddr.IPv4.parse(host)
  const withoutZone = host.split('%')[0] ?? ''
  return ipaddr.IPv6.isValid(withoutZone) ? ipaddr.process(withoutZone) : null
}

/** Proxies write `192.0.2.1:443`, `[2001:db8::1]:443` and `[2001:db8::1]`. */
function withoutPort(text: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text)
  if (bracketed) return bracketed[1] ?? ''
  return /^([\d.]+):\d{1,5}$/.exec(text)?.[1] ?? text
}

function parseNetwork(text: string): [Address, number] {
  const [host = '', prefix] = text.split('/')
  const address = parse(host)
  if (!address) throw new Error(`${text} is not a network`)
  if (prefix === undefined) return [address, address.kind() === 'ipv4' ? 32 : 128]
  const isMapped = address.kind() === 'ipv4' && host.includes(':')
  return [address, Math.max(Number(prefix) - (isMapped ? 96 : 0), 0)]
}
