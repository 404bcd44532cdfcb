/** Compiles the trusted CAs and their CRLs into the files of a Mosquitto listener with `capath` and `crlfile`. Reads nothing else. */
import { leftOutWithoutLimits } from '@gatehouse/pki/judge/without-limits'
import { subjectHash } from '@gatehouse/pki/read/subject-hash'
import type { DesiredAuthority, DesiredState } from './desired-state.ts'

export interface TrustedCa {
  fingerprint: string
  name: string
  pem: string
  der: Uint8Array
  /** RFC 4514 texts, to find the CA above. */
  subject: string
  issuer: string
  selfSigned: boolean
  /** SHA-256 of its key. CRLs are bound to it. */
  keyFingerprint: string
  /** Only some usernames. */
  isLimited: boolean
  limitedBy: string | null
}

export interface CurrentCrl {
  issuerKey: string
  pem: string
  /** Null: it does not expire. */
  nextUpdate: Date | null
}

/** Why a CA does not work, or only in part, on this Mosquitto. */
export type TrustRemark =
  | 'authority_limited'
  | 'authority_without_root'
  | 'authority_without_crl'
  | 'authority_crl_expired'

export interface CompiledTrust extends Pick<DesiredState, 'authorities' | 'crls'> {
  /** By remark: names of CAs. */
  remarks: Map<TrustRemark, string[]>
}

/** `usesCrls`: the listener has `crlfile`, so OpenSSL refuses clients of a CA without a CRL that is in date. */
export async function compileTrust(
  authorities: readonly TrustedCa[],
  { crls, usesCrls, at }: { crls: readonly CurrentCrl[]; usesCrls: boolean; at: Date },
): Promise<CompiledTrust> {
  const limits = await leftOutWithoutLimits(authorities)
  const kept = authorities.filter(({ fingerprint }) => !limits.has(fingerprint))
  const rooted = withRoot(kept)
  const crlOf = new Map(crls.map((crl) => [crl.issuerKey, crl]))
  const isExpired = (crl: CurrentCrl | undefined) => !!crl?.nextUpdate && crl.nextUpdate <= at
  const remarks = new Map<TrustRemark, string[]>([
    ['authority_limited', namesOf(authorities.filter((each) => !kept.includes(each)))],
    ['authority_without_root', namesOf(kept.filter((each) => !rooted.includes(each)))],
  ])
  if (usesCrls) {
    remarks.set('authority_without_crl', namesOf(rooted.filter((each) => !crlOf.has(each.keyFingerprint))))
    remarks.set('authority_crl_expired', namesOf(rooted.filter((each) => isExpired(crlOf.get(each.keyFingerprint)))))
  }
  return { authorities: nameFiles(rooted), crls: crls.map(({ pem }) => pem), remarks }
}

/** OpenSSL accepts a chain only up to a self-signed certificate. A CA without one above it is not in the result. */
function withRoot(authorities: readonly TrustedCa[]): TrustedCa[] {
  const found = new Set(authorities.filter(({ selfSigned }) => selfSigned))
  for (let before = -1; before < found.size; ) {
    before = found.size
    const subjects = new Set([...found].map(({ subject }) => subject))
    for (const each of authorities) if (subjects.has(each.issuer)) found.add(each)
  }
  return authorities.filter((each) => found.has(each))
}

/** OpenSSL looks up `<hash>.0`, `<hash>.1` and so on, up to the first number that is missing. */
function nameFiles(authorities: readonly TrustedCa[]): DesiredAuthority[] {
  const next = new Map<string, number>()
  return authorities
    .toSorted((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1))
    .map(({ der, pem }) => {
      const hash = subjectHash(der)
      const number = next.get(hash) ?? 0
      next.set(hash, number + 1)
      return { fileName: `${hash}.${number}`, pem }
    })
}

function namesOf(authorities: readonly TrustedCa[]): string[] {
  return authorities.map(({ name }) => name)
}
