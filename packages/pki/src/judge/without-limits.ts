// Rule: a verifier that does not know username limits, such as OpenSSL in a Mosquitto, must not trust an authority by
// which it would accept a path with a limit. A client sends the intermediates of its chain, so leaving out a limited
// intermediate is not enough: its chain would be accepted through the root.
import { createYielder } from '../read/yielder.ts'
import { anchorsThatSigned, maxSignatureChecks } from './path-search.ts'
import { makeTrustStoreInSlices, type StoredAnchor, type TrustStore } from './trust-store.ts'

/**
 * A trusted authority. `isLimited`: it may identify some usernames only. `limitedBy`: who limited it, if that person may
 * not decide about every user; null otherwise.
 */
export interface LimitableAuthority {
  /** SHA-256 of `der`, lower-case hex. */
  fingerprint: string
  der: Uint8Array
  isLimited: boolean
  limitedBy: string | null
}

/**
 * Why a verifier without limits must not get an authority. `limited`: the authority has a username limit, or the key of
 * an authority that has one. `above_limited`: it signed an authority that is left out.
 */
export type LeftOutReason = 'limited' | 'above_limited'

/**
 * Returns the authorities that a verifier without username limits must not get, by fingerprint. `trusted` is the whole
 * trust store, also where the verifier gets only some of it. Blocks the event loop for at most 10 ms at a time. Never
 * throws.
 */
export async function leftOutWithoutLimits(
  trusted: readonly LimitableAuthority[],
): Promise<ReadonlyMap<string, LeftOutReason>> {
  const limited = trusted.filter(({ isLimited }) => isLimited)
  const leftOut = new Map<string, LeftOutReason>(limited.map(({ fingerprint }) => [fingerprint, 'limited']))
  if (!limited.some(holdsForAll)) return leftOut
  const store = await makeTrustStoreInSlices(trusted.map(toAnchor))
  const sharing = sharingLimitedKeys(store)
  for (const fingerprint of sharing) leftOut.set(fingerprint, 'limited')
  const walked = new Set([...limited.filter(holdsForAll).map(({ fingerprint }) => fingerprint), ...sharing])
  const yieldIfDue = createYielder()
  // The set grows while it is walked: the authorities above an authority that is left out are left out, too.
  for (const fingerprint of walked) {
    const anchor = store.byFingerprint.get(fingerprint)
    for (const above of anchor ? issuersOf(anchor, store) : []) {
      walked.add(above)
      if (!leftOut.has(above)) leftOut.set(above, 'above_limited')
    }
    await yieldIfDue()
  }
  return leftOut
}

/**
 * A person who may not decide about every user can limit any certificate, also a genuine intermediate. That must not take
 * the root, and with it the clients of others, off a broker.
 */
function holdsForAll({ isLimited, limitedBy }: LimitableAuthority): boolean {
  return isLimited && limitedBy === null
}

function toAnchor(authority: LimitableAuthority) {
  const { fingerprint, der } = authority
  return { fingerprint, der, usernames: holdsForAll(authority) ? ['*'] : [] }
}

/** The limit of a key applies to all authorities that hold it, if a signature proves whose key it is. */
function sharingLimitedKeys({ keyLimits, byKey }: TrustStore): string[] {
  const keys = [...keyLimits].filter(([, limits]) => limits.some(({ scope }) => scope() === 'everywhere'))
  return keys.flatMap(([key]) => (byKey.get(key) ?? []).map(({ fingerprint }) => fingerprint))
}

/**
 * Fingerprints of the authorities that signed this one. Where that cannot be found out, all authorities with the name of
 * the issuer: OpenSSL may be able to verify what is not supported here.
 */
function issuersOf({ certificate, issuerKey }: StoredAnchor, store: TrustStore): string[] {
  const named = store.bySubject.get(issuerKey) ?? []
  const anchor = certificate()
  if (anchor.isSelfSigned()) return []
  const isUnknown =
    !anchor.signature().isSupported ||
    named.length > maxSignatureChecks ||
    named.some((issuer) => issuer.certificate().publicKey() === null)
  return (isUnknown ? named : anchorsThatSigned(anchor, store)).map(({ fingerprint }) => fingerprint)
}
