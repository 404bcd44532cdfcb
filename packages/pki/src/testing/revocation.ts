// Makes CRLs for tests, valid and invalid ones. Written by hand, because no library writes invalid ones.
import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { readFields } from '../read/certificate-fields.ts'
import { readExtensions } from '../read/extensions.ts'
import { type Issued, type SignatureHash, writeSignatureAlgorithm } from './certificates.ts'
import {
  retag,
  writeBitString,
  writeBoolean,
  writeElement,
  writeInteger,
  writeOid,
  writeSequence,
  writeTime,
} from './der-writer.ts'

/** One entry of a CRL to make. */
export interface EntryRecipe {
  serialNumber: bigint | Uint8Array
  revokedAt?: Date
  /** The reason code of RFC 5280 §5.3.1. */
  reason?: number
  extensions?: ExtensionParts[]
}

/** One extension to write. */
export interface ExtensionParts {
  oid: string
  critical?: boolean
  /** The DER inside the OCTET STRING. */
  value: Uint8Array
}

/** What to make. The defaults make a valid, empty CRL. */
export interface ListRecipe {
  entries?: readonly (bigint | EntryRecipe)[]
  /** Null leaves it out. */
  number?: bigint | null
  thisUpdate?: Date
  nextUpdate?: Date | null
  /** 1 writes no extensions. */
  version?: 1 | 2
  /** `none` leaves the key identifier out. */
  authorityKeyIdentifier?: 'right' | 'none'
  /** Uses this certificate's subject as the issuer. */
  issuer?: Issued
  hash?: SignatureHash
  isForged?: boolean
  extensions?: ExtensionParts[]
}

const defaultThisUpdate = new Date('2026-02-01T00:00:00Z')
const defaultNextUpdate = new Date('2026-06-01T00:00:00Z')

/** Returns the DER of a CRL that the authority's key signs. */
export function makeRevocationList(authority: Issued, recipe: ListRecipe = {}): Uint8Array {
  const key = createPrivateKey(authority.privateKeyPem)
  const algorithm = writeSignatureAlgorithm(key, recipe)
  const { nextUpdate = defaultNextUpdate, version = 2, entries = [] } = recipe
  const tbs = writeSequence(
    ...(version === 1 ? [] : [writeInteger(1)]),
    algorithm,
    readFields((recipe.issuer ?? authority).der).subject,
    writeTime(recipe.thisUpdate ?? defaultThisUpdate),
    ...(nextUpdate === null ? [] : [writeTime(nextUpdate)]),
    ...(entries.length === 0 ? [] : [writeSequence(Buffer.concat(entries.map(writeEntry)))]),
    ...(version === 1 ? [] : [writeElement(0xa0, writeSequence(...listExtensions(authority, recipe).map(write)))]),
  )
  return writeSequence(tbs, algorithm, writeBitString(makeSignature(tbs, key, recipe)))
}

function listExtensions(authority: Issued, recipe: ListRecipe): ExtensionParts[] {
  const { subjectKeyIdentifier: id } = readExtensions(readFields(authority.der))
  const { number = 1n, authorityKeyIdentifier = 'right', extensions = [] } = recipe
  const hasIdentifier = authorityKeyIdentifier === 'right' && id !== null
  return [
    ...(hasIdentifier ? [{ oid: '2.5.29.35', value: writeSequence(writeElement(0x80, Buffer.from(id, 'hex'))) }] : []),
    ...(number === null ? [] : [{ oid: '2.5.29.20', value: writeInteger(number) }]),
    ...extensions,
  ]
}

function writeEntry(entry: bigint | EntryRecipe): Uint8Array {
  const recipe: EntryRecipe = typeof entry === 'bigint' ? { serialNumber: entry } : entry
  const { serialNumber, reason, revokedAt = defaultThisUpdate } = recipe
  const extensions = [
    ...(reason === undefined ? [] : [{ oid: '2.5.29.21', value: writeElement(0x0a, Buffer.from([reason])) }]),
    ...(recipe.extensions ?? []),
  ]
  return writeSequence(
    typeof serialNumber === 'bigint' ? writeInteger(serialNumber) : writeElement(0x02, serialNumber),
    writeTime(revokedAt),
    ...(extensions.length === 0 ? [] : [writeSequence(...extensions.map(write))]),
  )
}

function write({ oid, critical = false, value }: ExtensionParts): Uint8Array {
  return writeSequence(writeOid(oid), ...(critical ? [writeBoolean(true)] : []), writeElement(0x04, value))
}

function makeSignature(tbs: Uint8Array, key: KeyObject, { hash, isForged }: ListRecipe): Uint8Array {
  const signature = sign(key.asymmetricKeyType?.startsWith('ed') ? null : (hash ?? 'sha256'), tbs, key)
  if (isForged) signature.writeUInt8(signature.readUInt8(signature.length - 1) ^ 1, signature.length - 1)
  return signature
}

/** Returns a critical IssuingDistributionPoint with these context tags set to TRUE (RFC 5280 §5.2.5). */
export function distributionPoint(...tags: number[]): ExtensionParts {
  const flags = tags.map((tag) => retag(tag, writeBoolean(true)))
  return { oid: '2.5.29.28', critical: true, value: writeSequence(...flags) }
}
