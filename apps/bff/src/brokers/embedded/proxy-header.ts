/**
 * The PROXY protocol, versions 1 and 2 (haproxy.org, doc/proxy-protocol.txt): a proxy writes the address of its client before the first byte
 * of the connection.
 */
import { isIPv4, isIPv6 } from 'node:net'
import { addressOfBytes, bytesOfAddress, parseAddress } from '../../platform/base/address.ts'

/** A whole header. */
export interface ProxyHeader {
  /** The address of the client. Null: the proxy speaks for itself, for example to see whether the server is alive. */
  address: string | null
  /** The length of the header in bytes. */
  length: number
}

export type ProxyHeaderResult = ProxyHeader | 'incomplete' | 'malformed'

/** "PROXY TCP6", two addresses, two ports and the end of the line (§2.1). */
const maxLengthV1 = 107
/** Additional fields (§2.2) may hold a certificate of the client. They are skipped. */
const maxLengthV2 = 4_096

const signatureV1 = Buffer.from('PROXY ', 'latin1')
const signatureV2 = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
const fixedLengthV2 = 16

/** Reads the header at the beginning of a connection. `bytes` are those that have arrived. */
export function readProxyHeader(bytes: Buffer): ProxyHeaderResult {
  if (startsLike(bytes, signatureV2)) return bytes.length < fixedLengthV2 ? 'incomplete' : readV2(bytes)
  if (startsLike(bytes, signatureV1)) return readV1(bytes)
  return 'malformed'
}

/**
 * Do these first bytes look like a header of an expected version? `none`: not like a header at all. `other`: like one of a version that
 * is not expected.
 */
export function isProxyVersion(bytes: Buffer, versions: 'v1' | 'v2' | 'both'): 'expected' | 'other' | 'none' {
  const looks = { v1: startsLike(bytes, signatureV1), v2: startsLike(bytes, signatureV2) }
  if (!looks.v1 && !looks.v2) return 'none'
  return versions === 'both' || looks[versions] ? 'expected' : 'other'
}

function startsLike(bytes: Buffer, signature: Buffer): boolean {
  const length = Math.min(bytes.length, signature.length)
  return bytes.subarray(0, length).equals(signature.subarray(0, length))
}

function readV1(bytes: Buffer): ProxyHeaderResult {
  const end = bytes.subarray(0, maxLengthV1).indexOf('\r\n', 0, 'latin1')
  if (end === -1) return bytes.length < maxLengthV1 ? 'incomplete' : 'malformed'
  const length = end + 2
  const [, family, source = '', destination = '', ...ports] = bytes.toString('latin1', 0, end).split(' ')
  if (family === 'UNKNOWN') return { address: null, length }
  const isAddress = { TCP4: isIPv4, TCP6: isIPv6 }[family ?? '']
  const isWhole = isAddress?.(source) && isAddress(destination) && ports.length === 2 && ports.every(isPort)
  return isWhole ? { address: parseAddress(source), length } : 'malformed'
}

function isPort(text: string): boolean {
  return /^(0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535
}

/** Version 2 in the upper four bits; the command in the lower. */
const commands: Record<number, 'local' | 'proxied'> = { 0x20: 'local', 0x21: 'proxied' }
/** Address family and transport. Lengths are those of two addresses and two ports. */
const families: Record<number, { length: number; addressLength: number } | undefined> = {
  0x11: { length: 12, addressLength: 4 },
  0x21: { length: 36, addressLength: 16 },
}

function readV2(bytes: Buffer): ProxyHeaderResult {
  const command = commands[bytes.readUInt8(12)]
  const length = fixedLengthV2 + bytes.readUInt16BE(14)
  if (!command || length > maxLengthV2) return 'malformed'
  if (bytes.length < length) return 'incomplete'
  if (command === 'local') return { address: null, length }
  const family = families[bytes.readUInt8(13)]
  if (!family || length - fixedLengthV2 < family.length) return 'malformed'
  return { address: addressOfBytes(bytes.subarray(fixedLengthV2, fixedLengthV2 + family.addressLength)), length }
}

/** A header of version 2 for a client with this address. The ports, which nobody reads here, are 0. Not an address: the proxy speaks for itself. */
export function writeProxyHeader(address: string): Buffer {
  const bytes = bytesOfAddress(address)
  if (!bytes) return Buffer.concat([signatureV2, Buffer.of(0x20, 0, 0, 0)])
  const family = bytes.length === 4 ? 0x11 : 0x21
  const addresses = Buffer.concat([bytes, Buffer.alloc(bytes.length + 4)])
  return Buffer.concat([signatureV2, Buffer.of(0x21, family, 0, addresses.length), addresses])
}
