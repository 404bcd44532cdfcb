/**
 * Which addresses Gatehouse connects to when somebody configured the host. A host name is checked after it is resolved, in the
 * lookup of the connection itself. So a name that resolves to another address a moment later gains nothing (DNS rebinding).
 */
import { type LookupAddress, type LookupOptions, lookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'

export interface AddressRules {
  /** Addresses of private networks and of this machine are allowed too. */
  mayBePrivate: boolean
}

const publicRanges = new Set(['unicast'])
/** Never link-local: cloud machines hand out their credentials at 169.254.169.254. */
const privateRanges = new Set([...publicRanges, 'private', 'loopback', 'uniqueLocal', 'carrierGradeNat'])

/** No address of the host is allowed. */
export class AddressRefused extends Error {
  readonly code = 'ADDRESS_REFUSED'

  constructor(host: string) {
    super(`The address of ${host} is not allowed`)
    this.name = 'AddressRefused'
  }
}

export function isAllowedAddress(text: string, { mayBePrivate }: AddressRules): boolean {
  const [withoutZone = ''] = text.split('%')
  if (!ipaddr.isValid(withoutZone)) return false
  return (mayBePrivate ? privateRanges : publicRanges).has(rangeOf(ipaddr.process(withoutZone)))
}

/** NAT64 (RFC 6052) leads to the IPv4 address in the last four bytes. */
function rangeOf(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  const range = address.range()
  if (range !== 'rfc6052') return range
  return new ipaddr.IPv4(address.toByteArray().slice(-4)).range()
}

/** Throws `AddressRefused` for a literal address that is not allowed: a connection to a literal address looks nothing up. */
export function refuseLiteralAddress(host: string, rules: AddressRules): void {
  const literal = host.replace(/^\[|\]$/g, '')
  if (isIP(literal) !== 0 && !isAllowedAddress(literal, rules)) throw new AddressRefused(host)
}

/** The `lookup` of a connection: resolves the name and keeps the addresses that are allowed. Fails with `AddressRefused` if none is. */
export function allowedLookup(rules: AddressRules): LookupFunction {
  return (host, options: LookupOptions, callback) => {
    lookup(host, { ...options, all: true }, (error, found: LookupAddress[]) => {
      if (error) return callback(error, '')
      const allowed = found.filter(({ address }) => isAllowedAddress(address, rules))
      const [first] = allowed
      if (!first) return callback(new AddressRefused(host), '')
      return options.all ? callback(null, allowed) : callback(null, first.address, first.family)
    })
  }
}
