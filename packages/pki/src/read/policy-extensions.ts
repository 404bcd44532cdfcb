// The policy extensions of a certificate (RFC 5280 §4.2.1.4, §4.2.1.5, §4.2.1.11, §4.2.1.14). They are read only if a
// path requires a policy.
import type { CertificateFields } from './certificate-fields.ts'
import { DerError, expectTag, readChildren, readOid, readOnly, readSmallInteger, tags } from './der.ts'

const oids = {
  certificatePolicies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  policyConstraints: '2.5.29.36',
  inhibitAnyPolicy: '2.5.29.54',
} as const

/** The number of certificates that may follow before each rule applies. Null: absent. */
export interface PolicyConstraints {
  requireExplicitPolicy: number | null
  inhibitPolicyMapping: number | null
  inhibitAnyPolicy: number | null
}

/** The policies of one certificate. */
export interface Policies {
  /** OIDs; null where the extension is absent. */
  asserted: string[] | null
  /** For a policy of the issuer, the equivalent policies of the subject. */
  mappings: ReadonlyMap<string, readonly string[]>
}

/**
 * Returns true if the extensions can make a path fail. Certificate policies alone cannot, because any policy is
 * accepted.
 */
export function hasPolicyRules({ extensions }: CertificateFields): boolean {
  return [oids.policyMappings, oids.policyConstraints, oids.inhibitAnyPolicy].some((oid) => extensions.has(oid))
}

/** Reads the policy constraints and inhibitAnyPolicy. Throws `DerError`. */
export function readPolicyConstraints({ extensions }: CertificateFields): PolicyConstraints {
  const constraints = extensions.get(oids.policyConstraints)
  const inhibited = extensions.get(oids.inhibitAnyPolicy)
  return {
    requireExplicitPolicy: constraints ? readSkip(constraints.value, 0x80) : null,
    inhibitPolicyMapping: constraints ? readSkip(constraints.value, 0x81) : null,
    inhibitAnyPolicy: inhibited ? readSmallInteger(readOnly(inhibited.value, tags.integer)) : null,
  }
}

function readSkip(value: Uint8Array, wanted: number): number | null {
  const parts = readChildren(readOnly(value, tags.sequence))
  const order = parts.map(({ tag }) => [0x80, 0x81].indexOf(tag))
  // RFC 5280 §4.2.1.11: the sequence is never empty.
  if (order.length === 0 || order.some((place, i) => place <= (order[i - 1] ?? -1)))
    throw new DerError('policy constraints')
  const part = parts.find(({ tag }) => tag === wanted)
  return part ? readSmallInteger({ ...part, tag: tags.integer }) : null
}

/** Reads the policies and their mappings. Throws `DerError`. */
export function readPolicies({ extensions }: CertificateFields): Policies {
  const policies = extensions.get(oids.certificatePolicies)
  const mappings = extensions.get(oids.policyMappings)
  return {
    asserted: policies ? readAsserted(policies.value) : null,
    mappings: mappings ? readMappings(mappings.value) : new Map(),
  }
}

function readAsserted(value: Uint8Array): string[] {
  const policies = readChildren(readOnly(value, tags.sequence)).map((policy) => {
    // Qualifiers are only for display.
    const [id, qualifiers, ...more] = readChildren(expectTag(policy, tags.sequence))
    if (more.length > 0) throw new DerError('policy')
    if (qualifiers) expectTag(qualifiers, tags.sequence)
    return readOid(id)
  })
  // RFC 5280 §4.2.1.4: at least one policy, and none twice.
  if (policies.length === 0 || new Set(policies).size < policies.length) throw new DerError('policies')
  return policies
}

function readMappings(value: Uint8Array): Map<string, string[]> {
  const pairs = readChildren(readOnly(value, tags.sequence)).map((pair) => {
    const [issuer, subject, ...more] = readChildren(expectTag(pair, tags.sequence)).map(readOid)
    if (issuer === undefined || subject === undefined || more.length > 0) throw new DerError('policy mapping')
    return { issuer, subject }
  })
  if (pairs.length === 0) throw new DerError('policy mappings')
  const byIssuer = Map.groupBy(pairs, ({ issuer }) => issuer)
  return new Map([...byIssuer].map(([issuer, mapped]) => [issuer, mapped.map(({ subject }) => subject)]))
}
