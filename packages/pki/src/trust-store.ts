import { type Link, makeCheckedLink, once } from './link.ts'
import { makeBreather } from './slices.ts'

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
  link: () => Link
}

/** The anchors, arranged for finding them. Made by `makeTrustStore`, given to `judgeChain`, never changed: a new trust is a new store. */
export interface TrustStore {
  readonly size: number
  /** Fingerprints of anchors that are left out: malformed, or not the certificate that the fingerprint says. */
  readonly rejected: readonly string[]
  readonly byFingerprint: ReadonlyMap<string, StoredAnchor>
  readonly bySubject: ReadonlyMap<string, readonly StoredAnchor[]>
  readonly byKey: ReadonlyMap<string, readonly Anchor[]>
}

interface Draft {
  rejected: string[]
  byFingerprint: Map<string, StoredAnchor>
  bySubject: Map<string, StoredAnchor[]>
  byKey: Map<string, Anchor[]>
}

/** Arranges anchors at once: about 25 µs each, so for at most a few hundred. Never throws; see `rejected`. */
export function makeTrustStore(anchors: Iterable<Anchor>): TrustStore {
  const draft = makeDraft()
  for (const anchor of anchors) add(draft, anchor)
  return finish(draft)
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
  const breathe = makeBreather()
  for (const anchor of anchors) {
    const known = before?.byFingerprint.get(anchor.fingerprint)
    if (known) place(draft, anchor, known)
    else add(draft, anchor)
    await breathe()
  }
  return finish(draft)
}

function makeDraft(): Draft {
  return { rejected: [], byFingerprint: new Map(), bySubject: new Map(), byKey: new Map() }
}

function finish(draft: Draft): TrustStore {
  return { size: draft.byFingerprint.size, ...draft }
}

// An anchor that cannot be read is left out rather than thrown: fewer are trusted, and the others' clients are not locked out.
function add(draft: Draft, anchor: Anchor): void {
  const link = makeCheckedLink(anchor.der)
  if (link?.fingerprint !== anchor.fingerprint) {
    draft.rejected.push(anchor.fingerprint)
    return
  }
  const { fingerprint, subjectKey, keyFingerprint } = link
  const { subjectKeyIdentifier } = link.extensions()
  const again = once(() => readAgain(anchor.der))
  place(draft, anchor, { fingerprint, subjectKey, keyFingerprint, subjectKeyIdentifier, link: again })
}

function place(draft: Draft, anchor: Anchor, stored: StoredAnchor): void {
  // Also for a certificate given twice: its limits all count.
  push(draft.byKey, stored.keyFingerprint, anchor)
  if (draft.byFingerprint.has(stored.fingerprint)) return
  draft.byFingerprint.set(stored.fingerprint, stored)
  push(draft.bySubject, stored.subjectKey, stored)
}

function readAgain(der: Uint8Array): Link {
  const link = makeCheckedLink(der)
  // Only if somebody wrote into the bytes after the store was made.
  if (link === null) throw new TypeError('An anchor changed in the trust store.')
  return link
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const values = map.get(key)
  if (values) values.push(value)
  else map.set(key, [value])
}
