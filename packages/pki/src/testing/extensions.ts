import { createHash } from 'node:crypto'
import { isIPv4, isIPv6, SocketAddress } from 'node:net'
import { readFields } from '../read/certificate-fields.ts'
import { readExtensions } from '../read/extensions.ts'
import { writeBitString, writeBoolean, writeElement, writeInteger, writeOid, writeSequence } from './der-writer.ts'

/** The extensions of a recipe. Null leaves out one that has a default. */
export interface ExtensionRecipe {
  basicConstraints?: { isAuthority: boolean; pathLength?: number } | null
  /** `digitalSignature`, `keyCertSign` … */
  keyUsage?: string[] | null
  /** `clientAuth`, `serverAuth`, `anyExtendedKeyUsage`, or OIDs. */
  extendedKeyUsage?: string[] | null
  /** DNS names and IP addresses. */
  alternativeNames?: string[]
  hasSubjectKeyIdentifier?: boolean
  /** `wrong` writes an identifier that belongs to no key. */
  authorityKeyIdentifier?: 'right' | 'wrong' | 'none'
  /** Written unchanged; `value` is the DER inside the OCTET STRING. */
  extraExtensions?: { oid: string; critical: boolean; value: Uint8Array }[]
}

/** Returns the extensions element [3] of a certificate with the key `spki` under the authority; null: self-signed. */
export function writeExtensions(
  recipe: ExtensionRecipe,
  spki: Uint8Array,
  authorityDer: Uint8Array | null,
): Uint8Array {
  const ownIdentifier = createHash('sha1').update(spki).digest()
  const identifier = recipe.authorityKeyIdentifier === 'wrong' ? Buffer.alloc(20, 7) : idOf(authorityDer, ownIdentifier)
  const { basicConstraints, keyUsage, extendedKeyUsage, alternativeNames } = recipe
  const extensions = [
    basicConstraints && write('2.5.29.19', true, writeBasicConstraints(basicConstraints)),
    keyUsage && write('2.5.29.15', true, writeKeyUsage(keyUsage)),
    extendedKeyUsage && write('2.5.29.37', false, writeSequence(...extendedKeyUsage.map(writeUsage))),
    alternativeNames && write('2.5.29.17', false, writeSequence(...alternativeNames.map(writeName))),
    recipe.hasSubjectKeyIdentifier !== false && write('2.5.29.14', false, writeElement(0x04, ownIdentifier)),
    recipe.authorityKeyIdentifier !== 'none' &&
      identifier !== null &&
      write('2.5.29.35', false, writeSequence(writeElement(0x80, identifier))),
    ...(recipe.extraExtensions ?? []).map(({ oid, critical, value }) => write(oid, critical, value)),
  ]
  return writeElement(0xa3, writeSequence(...extensions.filter((extension) => extension instanceof Uint8Array)))
}

function idOf(authorityDer: Uint8Array | null, own: Buffer): Buffer | null {
  if (authorityDer === null) return own
  const { subjectKeyIdentifier } = readExtensions(readFields(authorityDer))
  return subjectKeyIdentifier === null ? null : Buffer.from(subjectKeyIdentifier, 'hex')
}

function write(oid: string, critical: boolean, value: Uint8Array): Uint8Array {
  return writeSequence(writeOid(oid), ...(critical ? [writeBoolean(true)] : []), writeElement(0x04, value))
}

function writeBasicConstraints({ isAuthority, pathLength }: { isAuthority: boolean; pathLength?: number }): Uint8Array {
  const length = pathLength === undefined ? [] : [writeInteger(pathLength)]
  return writeSequence(...(isAuthority ? [writeBoolean(true)] : []), ...length)
}

const usageBits: Record<string, number> = {
  digitalSignature: 0x80,
  nonRepudiation: 0x40,
  keyEncipherment: 0x20,
  dataEncipherment: 0x10,
  keyAgreement: 0x08,
  keyCertSign: 0x04,
  cRLSign: 0x02,
}

function writeKeyUsage(usages: string[]): Uint8Array {
  return writeBitString(Buffer.from([usages.reduce((bits, usage) => bits | (usageBits[usage] ?? 0), 0)]))
}

const usageOids: Record<string, string> = {
  anyExtendedKeyUsage: '2.5.29.37.0',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
}

function writeUsage(usage: string): Uint8Array {
  return writeOid(usageOids[usage] ?? usage)
}

function writeName(name: string): Uint8Array {
  if (isIPv4(name)) return writeElement(0x87, Buffer.from(name.split('.').map(Number)))
  return isIPv6(name) ? writeElement(0x87, writeIpv6(name)) : writeElement(0x82, Buffer.from(name))
}

/** Returns the sixteen bytes of an IPv6 address. */
export function writeIpv6(name: string): Uint8Array {
  const [head = '', tail = ''] = new SocketAddress({ address: name, family: 'ipv6' }).address.split('::')
  const [before, after] = [head, tail].map((half) => half.split(':').filter((group) => group !== '')) as [
    string[],
    string[],
  ]
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return Buffer.from([...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join(''), 'hex')
}
