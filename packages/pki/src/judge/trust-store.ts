import { once, type ParsedCertificate, parseCertificateOrNull } from '../read/parsed-certificate.ts'
import { createYielder } from '../read/yielder.ts'
import { type AuthorityLimit, createScopeFinder, type KeyLimit } from './key-limits.ts'

/** A CA certificate that is trusted to sign client certificates. */
export interface Anchor {
  /** SHA-256 of `der`, lower-case hex. */
  fingerprint: string
  der: Uint8Array
  /** Username globs with `*` only. Empty: any username. */
  usernames: readonly string[]
}

/**
 * An anchor that is parsed again at its first use. Keeping 10,000 certificates parsed makes the garbage collector block
 * for 20 ms.
 */
export interface StoredAnchor {
  fingerprint: string
  /** The anchor is found by its subject, the SHA-256 of its key, and its subject key identifier. */
  subjectKey: string
  keyFingerprint: string
  subjectKeyIdentifier: string | null
  /** The comparable form of its issuer's name, and the identifier of its issuer's key. */
  issuerKey: string
  authorityKeyIdentifier: string | null
  /** The anchor's own username limit. */
  usernames: readonly string[]
  /**
   * By SHA-256 of a key: whether that key signed the anchor. Filled on demand and kept, because it depends on the bytes
   * alone.
   */
  signedBy: Map<string, boolean>
  certificate: () => ParsedCertificate
}

/**
 * The anchors with their indexes. `makeTrustStore` creates it and `judgeChain` reads it. It never changes: a change of
 * trust makes a new store.
 */
export interface TrustStore {
  /** The number of anchors at which a path may end. */
  readonly size: number
  /** Fingerprints of these anchors. Null: all. */
  readonly ends: ReadonlySet<string> | null
  /** Fingerprints of anchors that were left out: malformed, or with bytes that do not have this fingerprint. */
  readonly rejected: readonly string[]
  readonly byFingerprint: ReadonlyMap<string, StoredAnchor>
  readonly bySubject: ReadonlyMap<string, readonly StoredAnchor[]>
  readonly byKey: ReadonlyMap<string, readonly Anchor[]>
  /** By fingerprint: the anchor's own limits. */
  readonly ownLimits: ReadonlyMap<string, readonly AuthorityLimit[]>
  /** By SHA-256 of a key: limits that may apply to other certificates with that key. */
  readonly keyLimits: ReadonlyMap<string, readonly KeyLimit[]>
}

interface Draft {
  rejected: string[]
  byFingerprint: Map<string, StoredAnchor>
  bySubject: Map<string, StoredAnchor[]>
  byKey: Map<string, Anchor[]>
  ownLimits: Map<string, AuthorityLimit[]>
  keyLimits: Map<string, KeyLimit[]>
}

/**
 * Creates a trust store at once. Takes about 25 µs per anchor, so use it for a few hundred at most. Never throws; see
 * `rejected`.
 */
export function makeTrustStore(anchors: Iterable<Anchor>): TrustStore {
  const draft = makeDraft()
  for (const anchor of anchors) add(draft, anchor)
  bindLimits(draft)
  return { size: draft.byFingerprint.size, ends: null, ...draft }
}

/**
 * Creates a trust store from any number of anchors and blocks the event loop for at most 10 ms at a time. Anchors that
 * are also in `before` are not parsed again, because the fingerprint identifies the bytes.
 */
export async function makeTrustStoreInSlices(
  anchors: Iterable<Anchor>,
  before: TrustStore | null = null,
): Promise<TrustStore> {
  const draft = makeDraft()
  const yieldIfDue = createYielder()
  for (const anchor of anchors) {
    const known = before?.byFingerprint.get(anchor.fingerprint)
    if (known) place(draft, anchor, { ...known, usernames: anchor.usernames })
    else add(draft, anchor)
    await yieldIfDue()
  }
  bindLimits(draft)
  await dropUnprovenLimits(draft, yieldIfDue)
  return { size: draft.byFingerprint.size, ends: null, ...draft }
}

/**
 * The same store, in which paths end at these anchors only. The others stay in it, because they still restrict: by their
 * username limits, and as authorities above a chosen intermediate. Fingerprints that the store does not contain are left
 * out, so an empty list trusts nobody.
 */
export function restrictTrustStore(whole: TrustStore, fingerprints: readonly string[]): TrustStore {
  const ends = new Set(fingerprints.filter((fingerprint) => whole.byFingerprint.has(fingerprint)))
  return { ...whole, size: ends.size, ends }
}

function makeDraft(): Draft {
  return {
    rejected: [],
    byFingerprint: new Map(),
    bySubject: new Map(),
    byKey: new Map(),
    ownLimits: new Map(),
    keyLimits: new Map(),
  }
}

function bindLimits({ byFingerprint, bySubject, byKey, ownLimits, keyLimits }: Draft): void {
  const findScope = createScopeFinder(bySubject)
  for (const [key, anchors] of byKey) {
    for (const { fingerprint: authority, usernames } of anchors) {
      const stored = byFingerprint.get(authority)
      if (!stored || usernames.length === 0) continue
      push(ownLimits, authority, { authority, usernames })
      push(keyLimits, key, { authority, usernames, scope: once(() => findScope(stored)) })
    }
  }
}

/**
 * Any number of certificates may hold the same key. Limits without a proof are dropped here, in slices, so that no
 * client has to wait for them.
 */
async function dropUnprovenLimits({ byKey, keyLimits }: Draft, yieldIfDue: () => Promise<void>): Promise<void> {
  for (const [key, limits] of keyLimits) {
    if ((byKey.get(key)?.length ?? 0) < 2) continue
    const proven: KeyLimit[] = []
    for (const limit of limits) {
      const scope = limit.scope()
      if (scope === 'everywhere' || scope.size > 0) proven.push(limit)
      await yieldIfDue()
    }
    keyLimits.set(key, proven)
  }
}

// An anchor that cannot be parsed is left out. Throwing would shut out the clients of all other authorities.
function add(draft: Draft, anchor: Anchor): void {
  const certificate = parseCertificateOrNull(anchor.der)
  if (certificate?.fingerprint !== anchor.fingerprint) {
    draft.rejected.push(anchor.fingerprint)
    return
  }
  const { fingerprint, subjectKey, issuerKey, keyFingerprint } = certificate
  const { subjectKeyIdentifier, authorityKeyIdentifier } = certificate.extensions()
  place(draft, anchor, {
    fingerprint,
    subjectKey,
    keyFingerprint,
    subjectKeyIdentifier,
    issuerKey,
    authorityKeyIdentifier,
    usernames: anchor.usernames,
    signedBy: new Map(),
    certificate: once(() => readAgain(anchor.der)),
  })
}

function place(draft: Draft, anchor: Anchor, stored: StoredAnchor): void {
  // Also for a certificate that is given twice: all its limits apply.
  push(draft.byKey, stored.keyFingerprint, anchor)
  if (draft.byFingerprint.has(stored.fingerprint)) return
  draft.byFingerprint.set(stored.fingerprint, stored)
  push(draft.bySubject, stored.subjectKey, stored)
}

function readAgain(der: Uint8Array): ParsedCertificate {
  const certificate = parseCertificateOrNull(der)
  // Happens only if the bytes were overwritten after the store was made.
  if (certificate === null) throw new TypeError('An anchor changed in the trust store.')
  return certificate
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const values = map.get(key)
  if (values) values.push(value)
  else map.set(key, [value])
}
