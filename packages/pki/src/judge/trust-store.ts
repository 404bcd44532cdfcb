import { once, type ParsedCertificate, parseCertificateOrNull } from '../read/parsed-certificate.ts'
import { createYielder } from '../read/slices.ts'
import { type AuthorityLimit, createScopeFinder, type KeyLimit } from './key-limits.ts'

/** A certificate that is trusted to sign clients. */
export interface Anchor {
  /** SHA-256 of `der`, lower-case hex. */
  fingerprint: string
  der: Uint8Array
  /** Globs with `*` only; empty: any username. */
  usernames: readonly string[]
}

/** An anchor that is read again at its first use: 10,000 certificates in pieces would make the garbage collector block for 20 ms. */
export interface StoredAnchor {
  fingerprint: string
  /** Of its subject, SHA-256 of its key, and what it calls that key: by these it is found. */
  subjectKey: string
  keyFingerprint: string
  subjectKeyIdentifier: string | null
  /** Of its issuer, and what it calls the issuer's key. */
  issuerKey: string
  authorityKeyIdentifier: string | null
  /** The anchor's own limit. */
  usernames: readonly string[]
  /** By SHA-256 of a key: did that key sign it? Filled when it is asked, and kept: it depends on the bytes alone. */
  signedBy: Map<string, boolean>
  certificate: () => ParsedCertificate
}

/** The anchors, arranged for finding them. Made by `makeTrustStore`, given to `judgeChain`, never changed: a new trust is a new store. */
export interface TrustStore {
  readonly size: number
  /** Fingerprints of anchors that are left out: malformed, or not the certificate that the fingerprint says. */
  readonly rejected: readonly string[]
  readonly byFingerprint: ReadonlyMap<string, StoredAnchor>
  readonly bySubject: ReadonlyMap<string, readonly StoredAnchor[]>
  readonly byKey: ReadonlyMap<string, readonly Anchor[]>
  /** By fingerprint: what limits the anchor itself. */
  readonly ownLimits: ReadonlyMap<string, readonly AuthorityLimit[]>
  /** By key: what may limit other certificates with that key. */
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

/** Arranges anchors at once: about 25 µs each, so for at most a few hundred. Never throws; see `rejected`. */
export function makeTrustStore(anchors: Iterable<Anchor>): TrustStore {
  const draft = makeDraft()
  for (const anchor of anchors) add(draft, anchor)
  bindLimits(draft)
  return { size: draft.byFingerprint.size, ...draft }
}

/**
 * The same for any number of anchors, in slices that block the event loop for 10 ms at most. Those that are in the store of `before` are
 * not read again: a fingerprint is that of the bytes.
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
  return { size: draft.byFingerprint.size, ...draft }
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

/** Any number of certificates may hold the same key: what proves nothing is dropped here, in slices, and not looked at for each client. */
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

// An anchor that cannot be read is left out rather than thrown: fewer are trusted, and the others' clients are not locked out.
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
  // Also for a certificate given twice: its limits all count.
  push(draft.byKey, stored.keyFingerprint, anchor)
  if (draft.byFingerprint.has(stored.fingerprint)) return
  draft.byFingerprint.set(stored.fingerprint, stored)
  push(draft.bySubject, stored.subjectKey, stored)
}

function readAgain(der: Uint8Array): ParsedCertificate {
  const certificate = parseCertificateOrNull(der)
  // Only if somebody wrote into the bytes after the store was made.
  if (certificate === null) throw new TypeError('An anchor changed in the trust store.')
  return certificate
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const values = map.get(key)
  if (values) values.push(value)
  else map.set(key, [value])
}
