// Rule: a chain counts only by the trust store as it is now; an answer is remembered for this trust only and never beyond its dates.
import { createHash } from 'node:crypto'
import type { Connection } from '@gatehouse/contract/broker'
import { readFields } from '@gatehouse/pki/certificate-fields'
import { type ChainVerdict, judgeChain, makeTrustStoreInSlices, type TrustStore } from '@gatehouse/pki/chain'
import { formatName } from '@gatehouse/pki/distinguished-name'
import { type Clock, timestamp } from '../base/clock.ts'
import type { AuthorityChange } from '../broker/port.ts'
import type { BrokerStore, StoredAnchor } from './store.ts'

export type CertificateFacts = NonNullable<Connection['certificate']>
export type Judge = (presented: readonly Uint8Array[], at: Date) => ChainVerdict

const rememberedVerdicts = 20_000

/** The trust store of the listener. */
export class Trust {
  readonly #store: BrokerStore
  readonly #clock: Clock
  #anchors: StoredAnchor[] = []
  #trustStore: TrustStore | null = null
  #verdicts = new Map<string, ChainVerdict>()
  #version = ''
  #since = ''
  #names = new Map<string, string>()
  #loading: Promise<void> = Promise.resolve()

  constructor(store: BrokerStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** Reads the trust store anew and puts it in place of the old one, whose verdicts go with it. */
  reload(): Promise<void> {
    // One after the other, so that an older one never takes the place of a newer one.
    const previous = this.#loading
    this.#loading = (async () => {
      await previous.catch(() => {})
      // The version first: a change in between makes it look old, and it is read once more.
      const version = await this.#store.trustVersion()
      const anchors = await this.#store.listAnchors()
      const trustStore = await makeTrustStoreInSlices(anchors)
      this.#anchors = anchors
      this.#names = new Map(anchors.map(({ fingerprint, name }) => [fingerprint, name]))
      this.#trustStore = trustStore
      this.#version = version
      this.#since = timestamp(this.#clock)
      this.#verdicts = new Map()
    })()
    return this.#loading
  }

  /** Was it changed since it was read? */
  async isStale(): Promise<boolean> {
    return (await this.#store.trustVersion()) !== this.#version
  }

  get since(): string {
    return this.#since
  }

  get size(): number {
    return this.#trustStore?.size ?? 0
  }

  judge: Judge = (presented, at) => {
    const key = chainKey(presented)
    const known = this.#verdicts.get(key)
    if (known?.trusted && isWithin(known, at)) return known
    const verdict = judgeWith(this.#trustStore, presented, at)
    // Refusals are not remembered: strangers would fill the memory, and `not_yet_valid` ends by itself.
    if (verdict.trusted) this.#remember(key, verdict)
    return verdict
  }

  #remember(key: string, verdict: ChainVerdict): void {
    const oldest = this.#verdicts.keys().next()
    if (this.#verdicts.size >= rememberedVerdicts && !oldest.done) this.#verdicts.delete(oldest.value)
    this.#verdicts.set(key, verdict)
  }

  /** How it would be judged if an authority were changed like this. */
  async imagine(fingerprint: string, change: AuthorityChange): Promise<Judge> {
    const anchors = this.#anchors
      .filter((anchor) => anchor.fingerprint !== fingerprint || !('delete' in change))
      .map((anchor) =>
        anchor.fingerprint === fingerprint && 'usernames' in change ? { ...anchor, ...change } : anchor,
      )
    const trustStore = await makeTrustStoreInSlices(anchors)
    return (presented, at) => judgeWith(trustStore, presented, at)
  }

  /** Null for one that is not trusted. */
  nameOf(fingerprint: string): string | null {
    return this.#names.get(fingerprint) ?? null
  }

  describe(presented: readonly Uint8Array[], verdict: ChainVerdict): CertificateFacts | null {
    const [leaf] = presented
    if (!leaf) return null
    if (!verdict.trusted) return { ...readLeaf(leaf), authority: null, authorityName: null }
    const { leafFingerprint, authority, path } = verdict
    return {
      fingerprint: leafFingerprint,
      subject: path[0]?.subject ?? '',
      notAfter: path[0]?.notAfter.toISOString() ?? null,
      authority,
      authorityName: this.nameOf(authority),
    }
  }
}

// Before anything was read nobody is trusted.
function judgeWith(trustStore: TrustStore | null, presented: readonly Uint8Array[], at: Date): ChainVerdict {
  if (!trustStore) return { trusted: false, leafFingerprint: null, reason: 'empty_trust_store' }
  return judgeChain({ presented, trustStore, at })
}

// The whole chain, not the leaf alone: with another intermediate the same leaf may be judged otherwise.
function chainKey(presented: readonly Uint8Array[]): string {
  const hash = createHash('sha256')
  for (const der of presented) hash.update(createHash('sha256').update(der).digest())
  return hash.digest('base64')
}

function isWithin(verdict: Extract<ChainVerdict, { trusted: true }>, at: Date): boolean {
  return at < verdict.validUntil && verdict.path.every(({ notBefore }) => at >= notBefore)
}

function readLeaf(der: Uint8Array): Pick<CertificateFacts, 'fingerprint' | 'subject' | 'notAfter'> {
  const fingerprint = createHash('sha256').update(der).digest('hex')
  try {
    const fields = readFields(der)
    return { fingerprint, subject: formatName(fields.subject), notAfter: new Date(fields.notAfter).toISOString() }
  } catch {
    return { fingerprint, subject: '', notAfter: null } // whatever it is, it names nobody
  }
}
