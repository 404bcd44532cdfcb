// Makes the CRL of an authority of this server. @peculiar/x509 compares each entry with all before it: five thousand take eight
// seconds. So it makes an empty CRL, and the entries are written into that before it is signed.
// oxlint-disable-next-line import/no-unassigned-import -- @peculiar/x509 throws at import without it
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { readChildren, readOnly, tags } from '../read/der.ts'
import { serialNumberBytes } from '../read/serial-number.ts'
import { createYielder } from '../read/yielder.ts'
import { identifierOf, importSigner, readFirst, type SigningAuthority } from './issue.ts'

const { subtle } = globalThis.crypto
const dayMs = 24 * 60 * 60 * 1000
// The clock of a broker may run slow.
const backdatedMs = 5 * 60 * 1000

export interface RevokedEntry {
  /** In canonical form; see `canonicalSerialNumber`. */
  serialNumber: string
  at: Date
}

/**
 * Makes a CRL (RFC 5280 §5) that the authority signs. `number` must rise from list to list. Valid from five minutes before `at`
 * until `days` after it. Lets the event loop run at least every 10 ms. Returns PEM.
 */
export async function issueRevocationList(options: {
  authority: SigningAuthority
  revoked: readonly RevokedEntry[]
  number: number
  days: number
  at: Date
}): Promise<string> {
  const authority = readFirst(options.authority.certificatePem)
  const signer = await importSigner(options.authority.privateKeyPem)
  const empty = await x509.X509CrlGenerator.create({
    issuer: authority.subjectName,
    thisUpdate: new Date(options.at.getTime() - backdatedMs),
    nextUpdate: new Date(options.at.getTime() + options.days * dayMs),
    ...signer,
    extensions: [
      await identifierOf(authority),
      new x509.Extension('2.5.29.20', false, new Uint8Array(encode(tags.integer, integerBytes(options.number)))),
    ],
  })
  const [tbs, algorithm, signature] = readChildren(readOnly(new Uint8Array(empty.rawData), tags.sequence))
  if (!tbs || !algorithm || !signature) throw new Error('The generator made no CRL')
  if (options.revoked.length === 0) return toPem(empty.rawData)
  const parts = readChildren(tbs).map(({ raw }) => raw)
  // RFC 5280 §5.1: the extensions are the last part, and the entries stand before them.
  const extensions = parts.pop() ?? new Uint8Array()
  const entries = encode(tags.sequence, ...(await writeEntries(options.revoked)))
  const signed = encode(tags.sequence, ...parts, entries, extensions)
  const raw = await subtle.sign(signer.signingAlgorithm, signer.signingKey, new Uint8Array(signed))
  // WebCrypto writes both numbers of an ECDSA signature one after the other, X.509 as a SEQUENCE.
  const formatted = new x509.AsnEcSignatureFormatter().toAsnSignature(signer.signingAlgorithm, raw) ?? raw
  const bits = encode(tags.bitString, Buffer.from([0]), new Uint8Array(formatted))
  return toPem(encode(tags.sequence, signed, algorithm.raw, bits))
}

async function writeEntries(revoked: readonly RevokedEntry[]): Promise<Buffer[]> {
  const yieldIfDue = createYielder()
  const entries: Buffer[] = []
  for (const { serialNumber, at } of revoked) {
    entries.push(encode(tags.sequence, encode(tags.integer, serialNumberBytes(serialNumber)), writeTime(at)))
    await yieldIfDue()
  }
  return entries
}

/** RFC 5280 §5.1.2.6: UTCTime until 2049, GeneralizedTime from then on. */
function writeTime(at: Date): Buffer {
  const digits = at.toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  const isShort = at.getUTCFullYear() < 2050
  return encode(isShort ? tags.utcTime : tags.generalizedTime, Buffer.from(isShort ? digits.slice(2) : digits))
}

function integerBytes(value: number): Uint8Array {
  const hex = value.toString(16)
  return serialNumberBytes(hex.length % 2 === 0 ? hex : `0${hex}`)
}

/** One DER element (X.690 §8.1). */
function encode(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  return Buffer.concat([Buffer.from([tag, ...lengthBytes(length)]), ...parts])
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length]
  const bytes: number[] = []
  for (let left = length; left > 0; left = Math.floor(left / 256)) bytes.unshift(left % 256)
  return [0x80 | bytes.length, ...bytes]
}

/** OpenSSL reads the label `X509 CRL` only. */
function toPem(der: Uint8Array | ArrayBuffer): string {
  return `${x509.PemConverter.encode(new Uint8Array(der), 'X509 CRL').trim()}\n`
}
