import { readNameSubtrees } from '../judge/name-constraints.ts'
import { readKey, readSignature } from './algorithms.ts'
import type { CertificateInfo } from './certificate.ts'
import { type CertificateFields, readFields } from './certificate-fields.ts'
import { readExtensions } from './extensions.ts'
import { readPolicyConstraints } from './policy-extensions.ts'

/**
 * Why a certificate cannot be an authority that signs clients. With it in the trust store, every client below it would
 * be refused.
 */
export type AuthorityProblem =
  | 'not_a_ca'
  | 'expired'
  | 'weak_key'
  | 'key_too_large'
  | 'unknown_critical_extension'
  | 'name_constraints'
  | 'wrong_usage'

/** Warnings for the person who uploads an authority that can be used. */
export type AuthorityWarning =
  | 'not_yet_valid'
  | 'expires_soon'
  | 'version_1'
  | 'intermediate'
  | 'name_constraints'
  | 'weak_signature'
  | 'unsupported_signature'
  | 'no_key_identifier'
  | 'no_key_usage'

/** The result of `judgeAuthority`. The certificate can be an authority if `problems` is empty. */
export interface AuthorityVerdict {
  problems: AuthorityProblem[]
  warnings: AuthorityWarning[]
}

type Judged = Pick<
  CertificateInfo,
  'der' | 'version' | 'selfSigned' | 'isAuthority' | 'subjectKeyIdentifier' | 'unknownCriticalExtensions'
>

const expiresSoonMs = 60 * 24 * 60 * 60 * 1000

/**
 * Judges a certificate as a trust anchor at the time `at`, by the rules that `judgeChain` applies to the last
 * certificate of a path (RFC 5280 §4.2.1, §6.1). `info` comes from `readBundle`. Does not throw for such input.
 */
export function judgeAuthority(info: Judged, at: Date): AuthorityVerdict {
  const fields = readFields(info.der)
  const key = readKey(fields.spki)
  const { keyUsage, extendedKeyUsage } = readExtensions(fields)
  const signature = readSignature(fields.signatureAlgorithm)
  const subtrees = readNameSubtrees(fields)
  const isVersion1 = info.version === 1 && info.selfSigned
  const problems: Record<AuthorityProblem, boolean> = {
    not_a_ca: !(info.isAuthority || isVersion1) || (keyUsage !== null && !keyUsage.includes('keyCertSign')),
    expired: fields.notAfter < at.getTime(),
    weak_key: key.isWeak,
    key_too_large: key.isTooLarge,
    unknown_critical_extension: info.unknownCriticalExtensions.length > 0 || !hasReadablePolicyConstraints(fields),
    name_constraints: subtrees === 'unreadable',
    wrong_usage: !allowsClients(extendedKeyUsage),
  }
  const warnings: Record<AuthorityWarning, boolean> = {
    not_yet_valid: fields.notBefore > at.getTime(),
    expires_soon: fields.notAfter >= at.getTime() && fields.notAfter - at.getTime() <= expiresSoonMs,
    version_1: isVersion1,
    intermediate: !info.selfSigned,
    name_constraints: subtrees !== null && subtrees !== 'unreadable',
    // Trust in a root does not come from its signature. An intermediate's signature was made by another authority.
    weak_signature: !info.selfSigned && signature.isSupported && signature.isWeak,
    unsupported_signature: !info.selfSigned && !signature.isSupported,
    no_key_identifier: !isVersion1 && info.subjectKeyIdentifier === null,
    no_key_usage: !isVersion1 && keyUsage === null,
  }
  return { problems: namesOf(problems), warnings: namesOf(warnings) }
}

function hasReadablePolicyConstraints(fields: CertificateFields): boolean {
  try {
    readPolicyConstraints(fields)
    return true
  } catch {
    return false // what it requires is not known, so `judgeChain` refuses every client below it
  }
}

function namesOf<Name extends string>(facts: Record<Name, boolean>): Name[] {
  return (Object.keys(facts) as Name[]).filter((name) => facts[name])
}

/**
 * Returns true if an extended key usage (null: absent) allows a certificate in the path of a TLS client (RFC 5280
 * §4.2.1.12).
 */
export function allowsClients(extendedKeyUsage: readonly string[] | null): boolean {
  return (
    extendedKeyUsage === null ||
    extendedKeyUsage.includes('clientAuth') ||
    extendedKeyUsage.includes('anyExtendedKeyUsage')
  )
}
