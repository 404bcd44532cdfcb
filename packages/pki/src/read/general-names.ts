// Names and locations in certificates (RFC 5280 §4.2.1.6, §4.2.1.10, §4.2.1.13, §4.2.2.1) as texts for display. No
// decision depends on them, so an unreadable extension is shown as empty.
import { SocketAddress } from 'node:net'
import { bounds } from './bounds.ts'
import { type CertificateFields, toHex } from './certificate-fields.ts'
import { type Element, expectTag, readChildren, readOid, readOnly, tags } from './der.ts'
import { escapeInvisible, formatName } from './distinguished-name.ts'

/** The names that an authority may sign and those that it may not: `DNS:example.com`, `IP:10.0.0.0/255.0.0.0` … */
export interface NameConstraints {
  permitted: string[]
  excluded: string[]
}

/**
 * Returns the alternative names as `DNS:…`, `IP:…`, `email:…`, `URI:…`, `dirName:…` for display, invisible characters
 * escaped. Throws `DerError`.
 */
export function readAlternativeNames(fields: CertificateFields): string[] {
  const extension = fields.extensions.get('2.5.29.17')
  if (extension === undefined) return []
  return readChildren(readOnly(extension.value, tags.sequence), bounds.generalNames).map(formatGeneralName)
}

/** Returns null if there are none or they are unreadable. Never throws. */
export function readNameConstraints(fields: CertificateFields): NameConstraints | null {
  return readForShow(fields, '2.5.29.30', (parts) => ({
    permitted: readSubtrees(parts.find(({ tag }) => tag === 0xa0)),
    excluded: readSubtrees(parts.find(({ tag }) => tag === 0xa1)),
  }))
}

function readSubtrees(subtrees: Element | undefined): string[] {
  if (subtrees === undefined) return []
  return readChildren(subtrees, bounds.generalNames).map((subtree) => {
    const [base] = readChildren(expectTag(subtree, tags.sequence))
    if (base?.tag === 0x87) return `IP:${formatNetwork(base.content)}`
    return base ? formatGeneralName(base) : ''
  })
}

/** Returns the locations at which the issuer publishes its CRLs. Never throws. */
export function readRevocationPoints(fields: CertificateFields): string[] {
  const points = readForShow(fields, '2.5.29.31', (list) => list.flatMap(readPoint))
  return points ?? []
}

// DistributionPoint { distributionPoint [0] { fullName [0] GeneralNames } }. Names relative to the issuer are left out.
function readPoint(point: Element): string[] {
  const place = readChildren(expectTag(point, tags.sequence)).find(({ tag }) => tag === 0xa0)
  const fullName = place && readChildren(place).find(({ tag }) => tag === 0xa0)
  return fullName ? readChildren(fullName).map(formatGeneralName) : []
}

const accessMethods: Record<string, string> = { '1.3.6.1.5.5.7.48.1': 'OCSP', '1.3.6.1.5.5.7.48.2': 'issuer' }

/** Returns where OCSP answers and where the issuer's certificate is: `OCSP URI:…`, `issuer URI:…`. Never throws. */
export function readInformationAccess(fields: CertificateFields): string[] {
  const places = readForShow(fields, '1.3.6.1.5.5.7.1.1', (list) =>
    list.map((entry) => {
      const [method, place] = readChildren(expectTag(entry, tags.sequence))
      const oid = readOid(method)
      return `${accessMethods[oid] ?? oid} ${place ? formatGeneralName(place) : ''}`
    }),
  )
  return places ?? []
}

function readForShow<T>(fields: CertificateFields, oid: string, read: (parts: Element[]) => T): T | null {
  const extension = fields.extensions.get(oid)
  if (extension === undefined) return null
  try {
    return read(readChildren(readOnly(extension.value, tags.sequence)))
  } catch {
    return null // malformed: `judgeChain` reads it again where it matters
  }
}

// RFC 5280 §4.2.1.6.
function formatGeneralName(name: Element): string {
  const text = () => escapeInvisible(Buffer.from(name.content).toString('latin1'))
  switch (name.tag) {
    case 0x81:
      return `email:${text()}`
    case 0x82:
      return `DNS:${text()}`
    case 0x86:
      return `URI:${text()}`
    case 0x87:
      return `IP:${formatAddress(name.content)}`
    case 0xa4:
      return `dirName:${formatName(name.content)}`
    case 0xa0:
      return `other:${readOid(expectTag(readChildren(name)[0], tags.oid))}`
    default:
      return `other:#${toHex(name.raw)}`
  }
}

/** An address followed by its mask. */
function formatNetwork(bytes: Uint8Array): string {
  if (bytes.length !== 8 && bytes.length !== 32) return `#${toHex(bytes)}`
  const half = bytes.length / 2
  return `${formatAddress(bytes.subarray(0, half))}/${formatAddress(bytes.subarray(half))}`
}

function formatAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.length !== 16) return `#${toHex(bytes)}`
  const address = toHex(bytes).replaceAll(/....(?=.)/g, '$&:')
  return new SocketAddress({ address, family: 'ipv6' }).address
}
