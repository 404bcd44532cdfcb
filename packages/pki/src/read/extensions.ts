import { type CertificateFields, toHex } from './certificate-fields.ts'
import { DerError, readBoolean, readChildren, readOid, readOnly, readSmallInteger, tags } from './der.ts'

/** The extensions of a certificate. Null: the extension is absent. */
export interface Extensions {
  basicConstraints: { isAuthority: boolean; pathLength: number | null } | null
  keyUsage: string[] | null
  extendedKeyUsage: string[] | null
  /** Netscape's certificate type, older than the extended key usage: whether it names TLS clients. */
  netscapeAllowsClients: boolean | null
  /** Lower-case hex. */
  subjectKeyIdentifier: string | null
  authorityKeyIdentifier: string | null
  /** OIDs of critical extensions that are not supported. RFC 5280 §4.2: such a certificate is refused. */
  unknownCritical: string[]
}

const oids = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAlternativeNames: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  certificatePolicies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  policyConstraints: '2.5.29.36',
  inhibitAnyPolicy: '2.5.29.54',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  revocationPoints: '2.5.29.31',
  netscapeCertType: '2.16.840.1.113730.1.1',
} as const

const understood = new Set<string>([
  oids.keyUsage,
  oids.subjectAlternativeNames,
  oids.basicConstraints,
  oids.nameConstraints,
  // See policy-rules.ts.
  oids.certificatePolicies,
  oids.policyMappings,
  oids.policyConstraints,
  oids.inhibitAnyPolicy,
  oids.extendedKeyUsage,
  // CRLs are uploaded by the operator of this server, whatever location the certificate names.
  oids.revocationPoints,
  oids.netscapeCertType,
])

/** Reads the extensions that path validation needs (RFC 5280 §4.2.1). Throws `DerError` if one of them is malformed. */
export function readExtensions(fields: CertificateFields): Extensions {
  const read = <T>(oid: string, reader: (value: Uint8Array) => T): T | null => {
    const extension = fields.extensions.get(oid)
    return extension === undefined ? null : reader(extension.value)
  }
  return {
    basicConstraints: read(oids.basicConstraints, readBasicConstraints),
    keyUsage: read(oids.keyUsage, readKeyUsage),
    extendedKeyUsage: read(oids.extendedKeyUsage, readExtendedKeyUsage),
    netscapeAllowsClients: read(oids.netscapeCertType, readNetscapeAllowsClients),
    subjectKeyIdentifier: read(oids.subjectKeyIdentifier, (value) => toHex(readOnly(value, tags.octetString).content)),
    authorityKeyIdentifier: read(oids.authorityKeyIdentifier, readAuthorityKeyIdentifier),
    unknownCritical: [...fields.extensions]
      .filter(([oid, { critical }]) => critical && !understood.has(oid))
      .map(([oid]) => oid),
  }
}

/** Returns the critical extensions by name (`basicConstraints`, `keyUsage` …) or OID. */
export function criticalNames({ extensions }: CertificateFields): string[] {
  const names = Object.entries(oids)
  return [...extensions]
    .filter(([, { critical }]) => critical)
    .map(([oid]) => names.find(([, known]) => known === oid)?.[0] ?? oid)
}

function readBasicConstraints(value: Uint8Array): { isAuthority: boolean; pathLength: number | null } {
  const parts = readChildren(readOnly(value, tags.sequence))
  const isAuthority = parts[0]?.tag === tags.boolean && readBoolean(parts.shift())
  const pathLength = parts.length > 0 ? readSmallInteger(parts.shift()) : null
  // RFC 5280 §4.2.1.9 forbids a path length without cA. Some CAs write it anyway, and it is ignored (RFC 5280 §6.1.4
  // m).
  if (parts.length > 0) throw new DerError('basic constraints')
  return { isAuthority, pathLength }
}

const keyUsages = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
]

function readKeyUsage(value: Uint8Array): string[] {
  const { content } = readOnly(value, tags.bitString)
  const [unused = 8, ...bytes] = content.subarray(0, 6)
  if (unused > 7 || bytes.length > 4) throw new DerError('key usage')
  return keyUsages.filter((_, bit) => ((bytes[bit >> 3] ?? 0) << (bit & 7)) & 0x80)
}

function readNetscapeAllowsClients(value: Uint8Array): boolean {
  const { content } = readOnly(value, tags.bitString)
  const [unused = 8, first = 0] = content
  if (unused > 7 || content.length > 5) throw new DerError('Netscape certificate type')
  return (first & 0x80) !== 0
}

const extendedKeyUsages: Record<string, string> = {
  '2.5.29.37.0': 'anyExtendedKeyUsage',
  '1.3.6.1.5.5.7.3.1': 'serverAuth',
  '1.3.6.1.5.5.7.3.2': 'clientAuth',
  '1.3.6.1.5.5.7.3.3': 'codeSigning',
  '1.3.6.1.5.5.7.3.4': 'emailProtection',
  '1.3.6.1.5.5.7.3.8': 'timeStamping',
  '1.3.6.1.5.5.7.3.9': 'OCSPSigning',
}

function readExtendedKeyUsage(value: Uint8Array): string[] {
  const usages = readChildren(readOnly(value, tags.sequence)).map(readOid)
  if (usages.length === 0) throw new DerError('extended key usage')
  return usages.map((oid) => extendedKeyUsages[oid] ?? oid)
}

/**
 * Returns the key identifier in lower-case hex, or null if the extension identifies the issuer in another way. Throws
 * `DerError`.
 */
export function readAuthorityKeyIdentifier(value: Uint8Array): string | null {
  const keyIdentifier = readChildren(readOnly(value, tags.sequence)).find(({ tag }) => tag === 0x80)
  return keyIdentifier ? toHex(keyIdentifier.content) : null
}
