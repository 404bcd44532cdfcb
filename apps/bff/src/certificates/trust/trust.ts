// Rule: a chain counts only by the trust store as it is now; an answer is remembered for this trust only and never beyond its dates.
import { createHash } from 'node:crypto'
import type { Permission } from '@gatehouse/contract/access/permission'
import type { Connection } from '@gatehouse/contract/brokers/broker'
import {
  type ChainVerdict,
  isTooLarge,
  judgeChain,
  makeTrustStoreInSlices,
  type RefusedVerdict,
  renewVerdict,
  type TrustedVerdict,
  type TrustStore,
  trustedPaths,
} from '@gatehouse/pki/judge/chain'
import { nothingRevoked, type Revocations } from '@gatehouse/pki/judge/revocations'
import { readFields } from '@gatehouse/pki/read/certificate-fields'
import { formatName } from '@gatehouse/pki/read/distinguished-name'
import { serialNumberOf } from '@gatehouse/pki/read/serial-number'
import type { Ceilings } from '../../access/decision/authority-limits.ts'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import type { AnchorStore, Limiter, StoredAnchor } from './anchor-store.ts'
import { completeHeads, readHeads } from './anchors.ts'
import type { TrustChange } from './changes.ts'
import { chainKey } from './presented.ts'
import { Revoked } from './revoked.ts'
import type { RevocationStore } from './store.ts'

export type CertificateFacts = NonNullable<Connection['certificate']>
export type Judge = (presented: readonly Uint8Array[], at: Date) => ChainVerdict

const rememberedVerdicts = 20_000
const rememberedRefusals = 1_000
/** The reason may become another one with time: the chain that could not be trusted expires. */
const refusalHoldsMs = 60_000

/** A verdict, and by which revocations it was last judged. */
interface Remembered {
  verdict: TrustedVerdict
  revocations: Revocations
}

interface RememberedRefusal {
  verdict: RefusedVerdict
  revocations: Revocations
  at: Date
}

type TrustFacts = AnchorStore & RevocationStore

/** What a chain is judged by; before anything was read there is no trust store. */
interface Facts {
  trustStore: TrustStore | null
  revocations: Revocations
  clockSkewMs: number
}

/** The trust store of the listener, and what of it is revoked. */
export class Trust {
  readonly #store: TrustFacts
  readonly #clock: Clock
  readonly #revoked: Revoked
  #anchors: StoredAnchor[] = []
  #trustStore: TrustStore | null = null
  #revocations = nothingRevoked
  #clockSkewMs = 0
  #verdicts = new Map<string, Remembered>()
  #refusals = new Map<string, RememberedRefusal>()
  #version = ''
  #since = ''
  #names = new Map<string, string>()
  #ceilings: Ceilings = new Map()
  #loading: Promise<void> = Promise.resolve()

  constructor(store: TrustFacts, clock: Clock) {
    this.#store = store
    this.#clock = clock
    this.#revoked = new Revoked(store)
  }

  /** Reads anew what has changed and puts it in place of the old, all in one step. */
  reload(): Promise<void> {
    // One after the other, so that an older one never takes the place of a newer one.
    const previous = this.#loading
    this.#loading = (async () => {
      await previous.catch(() => {})
      const { heads, limiters, version } = await readHeads(this.#store)
      const isSame = version === this.#version && this.#trustStore
      const anchors = isSame ? null : await completeHeads(this.#store, heads, this.#anchors)
      const trustStore = anchors && (await makeTrustStoreInSlices(anchors, this.#trustStore))
      const revocations = await this.#revoked.read()
      const clockSkewMs = await this.#store.clockSkewMs()
      // A refusal may have been for a beginning that is allowed now.
      if (clockSkewMs !== this.#clockSkewMs) this.#refusals = new Map()
      if (anchors && trustStore) this.#replaceAnchors(anchors, trustStore, ceilingsOf(anchors, limiters))
      this.#revocations = revocations
      this.#clockSkewMs = clockSkewMs
      this.#version = version
      this.#since = timestamp(this.#clock)
    })()
    return this.#loading
  }

  /** With the old anchors their verdicts go. What was revoked since is asked of each verdict when it is next needed. */
  #replaceAnchors(anchors: StoredAnchor[], trustStore: TrustStore, ceilings: Ceilings): void {
    this.#anchors = anchors
    this.#ceilings = ceilings
    this.#names = new Map(anchors.map(({ fingerprint, name }) => [fingerprint, name]))
    this.#trustStore = trustStore
    this.#verdicts = new Map()
    this.#refusals = new Map()
  }

  get #facts(): Facts {
    return { trustStore: this.#trustStore, revocations: this.#revocations, clockSkewMs: this.#clockSkewMs }
  }

  get since(): string {
    return this.#since
  }

  /** What the people who limited authorities may do. */
  get ceilings(): Ceilings {
    return this.#ceilings
  }

  get size(): number {
    return this.#trustStore?.size ?? 0
  }

  judge: Judge = (presented, at) => {
    // Not even hashed: the cost of a refusal must not rise with what a stranger sends.
    if (isTooLarge(presented)) return judgeWith(this.#facts, { presented, at })
    const key = chainKey(presented)
    const known = this.#remembered(key, at) ?? this.#rememberedRefusal(key, at)
    if (known) return known
    const verdict = judgeWith(this.#facts, { presented, at })
    if (verdict.trusted) this.#remember(key, verdict)
    else if (!verdict.mayPassLater) this.#rememberRefusal(key, { verdict, revocations: this.#revocations, at })
    return verdict
  }

  #remembered(key: string, at: Date): TrustedVerdict | null {
    const known = this.#verdicts.get(key)
    if (!known || !this.#trustStore) return null
    if (known.revocations !== this.#revocations) {
      const facts = { trustStore: this.#trustStore, revocations: this.#revocations }
      const renewed = renewVerdict(known.verdict, facts, at)
      if (!renewed) return null
      known.verdict = renewed
      known.revocations = this.#revocations
    }
    return isWithin(known.verdict, at, this.#clockSkewMs) ? known.verdict : null
  }

  #remember(key: string, verdict: TrustedVerdict): void {
    keepIn(this.#verdicts, rememberedVerdicts, key, { verdict, revocations: this.#revocations })
  }

  /** A device that was refused comes back every second: its chain is judged once a minute. The clock may be set back meanwhile. */
  #rememberedRefusal(key: string, at: Date): RefusedVerdict | null {
    const known = this.#refusals.get(key)
    if (!known || known.revocations !== this.#revocations) return null
    const ageMs = at.getTime() - known.at.getTime()
    return ageMs >= 0 && ageMs < refusalHoldsMs ? known.verdict : null
  }

  #rememberRefusal(key: string, refusal: RememberedRefusal): void {
    this.#refusals.delete(key)
    keepIn(this.#refusals, rememberedRefusals, key, refusal)
  }

  /** How it would be judged after this change. */
  async imagine(change: TrustChange): Promise<Judge> {
    if ('authority' in change) {
      const trustStore = await this.#imagineAnchors(change)
      return (presented, at) => judgeWith({ ...this.#facts, trustStore }, { presented, at })
    }
    const revocations = await this.#revoked.imagine(change)
    return (presented, at) => judgeWith({ ...this.#facts, revocations }, { presented, at })
  }

  #imagineAnchors({ authority, change }: Extract<TrustChange, { authority: string }>): Promise<TrustStore> {
    const anchors = this.#anchors
      .filter((anchor) => anchor.fingerprint !== authority || !('delete' in change))
      .map((anchor) => (anchor.fingerprint === authority && 'usernames' in change ? { ...anchor, ...change } : anchor))
    return makeTrustStoreInSlices(anchors, this.#trustStore)
  }

  /** Null for one that is not trusted. */
  nameOf(fingerprint: string): string | null {
    return this.#names.get(fingerprint) ?? null
  }

  describe(presented: readonly Uint8Array[], verdict: ChainVerdict): CertificateFacts | null {
    const [leaf] = presented
    if (!leaf) return null
    if (!verdict.trusted) {
      return { ...readLeaf(leaf), authority: null, authorityName: null, revocation: verdict.revocation ?? null }
    }
    const { leafFingerprint, authority, path } = verdict
    return {
      fingerprint: leafFingerprint,
      subject: path[0]?.subject ?? '',
      serialNumber: path[0] ? serialNumberOf(path[0].serialNumber) : null,
      notAfter: path[0]?.notAfter.toISOString() ?? null,
      authority,
      authorityName: this.nameOf(authority),
      revocation: null,
    }
  }
}

/** Strangers must not fill the memory: the oldest entry makes room. */
function keepIn<T>(map: Map<string, T>, atMost: number, key: string, value: T): void {
  const oldest = map.keys().next()
  if (map.size >= atMost && !oldest.done) map.delete(oldest.value)
  map.set(key, value)
}

// Before anything was read nobody is trusted.
function judgeWith(
  { trustStore, ...facts }: Facts,
  shown: { presented: readonly Uint8Array[]; at: Date },
): ChainVerdict {
  if (!trustStore) return { trusted: false, leafFingerprint: null, reason: 'empty_trust_store' }
  return judgeChain({ ...shown, ...facts, trustStore })
}

function ceilingsOf(anchors: readonly StoredAnchor[], limiters: readonly Limiter[]): Ceilings {
  const byUser = new Map(limiters.map(({ id, permissions }) => [id, permissions]))
  const limited = anchors.flatMap(({ fingerprint, limitedBy }) =>
    limitedBy === null ? [] : [{ fingerprint, limitedBy }],
  )
  // A person who is gone may do nothing.
  return new Map(limited.map(({ fingerprint, limitedBy }) => [fingerprint, byUser.get(limitedBy) ?? nothing]))
}

const nothing: readonly Permission[] = []

function isWithin(verdict: TrustedVerdict, at: Date, clockSkewMs: number): boolean {
  const latest = new Date(at.getTime() + clockSkewMs)
  return trustedPaths(verdict).every(
    ({ validUntil, path }) => at < validUntil && path.every(({ notBefore }) => latest >= notBefore),
  )
}

function readLeaf(der: Uint8Array): Omit<CertificateFacts, 'authority' | 'authorityName' | 'revocation'> {
  const fingerprint = createHash('sha256').update(der).digest('hex')
  try {
    const fields = readFields(der)
    return {
      fingerprint,
      subject: formatName(fields.subject),
      serialNumber: serialNumberOf(fields.serialNumber),
      notAfter: new Date(fields.notAfter).toISOString(),
    }
  } catch {
    return { fingerprint, subject: '', serialNumber: null, notAfter: null } // whatever it is, it names nobody
  }
}
