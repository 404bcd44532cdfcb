/** Judges chains by the CAs that are trusted and the certificates that are revoked now. */
import { createHash } from 'node:crypto'
import { type ChainVerdict, isTooLarge, judgeChain } from '@gatehouse/pki/judge/chain'
import { nothingRevoked } from '@gatehouse/pki/judge/revocations'
import { makeTrustStore, restrictTrustStore, type TrustStore } from '@gatehouse/pki/judge/trust-store'
import type { LimiterPermissions } from '../../access/decision/authority-limits.ts'
import type { TrustedAuthorities as Chosen, JudgeChain } from '../../access/decision/evidence.ts'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import type { AnchorStore } from './anchor-store.ts'
import type { TrustChange } from './changes.ts'
import { chainKey } from './presented.ts'
import { RevocationLoader } from './revocation-loader.ts'
import type { RevocationStore } from './revocation-store.ts'
import { changeAuthority, loadAuthorities, type TrustedAuthorities } from './trusted-authorities.ts'
import { type TrustFacts, VerdictCache } from './verdict-cache.ts'

const noCeilings: LimiterPermissions = new Map()

/** Before the first `reload` nobody is trusted. */
export class Trust {
  readonly #store: AnchorStore & RevocationStore
  readonly #clock: Clock
  readonly #revoked: RevocationLoader
  readonly #cache = new VerdictCache()
  #authorities: TrustedAuthorities | null = null
  #storeFor: (chosen: Chosen) => TrustStore = restrictor(makeTrustStore([]))
  #revocations = nothingRevoked
  #clockSkewMs = 0
  #since = ''
  #loading: Promise<void> = Promise.resolve()

  constructor(store: AnchorStore & RevocationStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
    this.#revoked = new RevocationLoader(store)
  }

  /** Reads what has changed and replaces the old facts in one step. */
  reload(): Promise<void> {
    // One after the other: an older reading must never replace a newer one.
    this.#loading = this.#loading.catch(() => {}).then(() => this.#load())
    return this.#loading
  }

  async #load(): Promise<void> {
    const authorities = await loadAuthorities(this.#store, this.#authorities)
    const revocations = await this.#revoked.read()
    const clockSkewMs = await this.#store.clockSkewMs()
    // Verdicts on the old CAs end. What was revoked since is looked up when a verdict is needed again.
    if (authorities !== this.#authorities) {
      this.#cache.clear()
      this.#storeFor = restrictor(authorities.trustStore)
    }
    // A certificate that was refused because it begins later may be allowed now.
    if (clockSkewMs !== this.#clockSkewMs) this.#cache.clearRefusals()
    this.#authorities = authorities
    this.#revocations = revocations
    this.#clockSkewMs = clockSkewMs
    this.#since = timestamp(this.#clock)
  }

  /** When the facts were last read, RFC 3339. */
  get since(): string {
    return this.#since
  }

  /** The permissions of the people who limited CAs. */
  get ceilings(): LimiterPermissions {
    return this.#authorities?.ceilings ?? noCeilings
  }

  /** The number of trusted CAs. */
  get size(): number {
    return this.#authorities?.trustStore.size ?? 0
  }

  /** The name of a CA. Null: it is not trusted. */
  nameOf(fingerprint: string): string | null {
    return this.#authorities?.names.get(fingerprint) ?? null
  }

  judge: JudgeChain = (presented, { at, trusted }) => {
    const facts = this.#factsFor(trusted)
    // A chain that is too large is not even hashed: the cost of a refusal must not rise with what a stranger sends.
    if (!facts || isTooLarge(presented)) return judgeBy(facts, presented, at)
    const key = `${chosenKey(trusted)} ${chainKey(presented)}`
    const known = this.#cache.find(key, facts, at)
    if (known) return known
    const verdict = judgeBy(facts, presented, at)
    this.#cache.store(key, { verdict, revocations: facts.revocations, at })
    return verdict
  }

  /** How chains would be judged after this change. */
  async withChange(change: TrustChange): Promise<JudgeChain> {
    const facts = this.#factsFor(null)
    if (!facts || !this.#authorities) return (presented, { at }) => judgeBy(null, presented, at)
    const changed =
      'authority' in change
        ? { ...facts, trustStore: await changeAuthority(this.#authorities, change) }
        : { ...facts, revocations: await this.#revoked.withChange(change) }
    const storeFor = restrictor(changed.trustStore)
    return (presented, { at, trusted }) => judgeBy({ ...changed, trustStore: storeFor(trusted) }, presented, at)
  }

  #factsFor(chosen: Chosen): TrustFacts | null {
    if (!this.#authorities) return null
    return { trustStore: this.#storeFor(chosen), revocations: this.#revocations, clockSkewMs: this.#clockSkewMs }
  }
}

const maxRestricted = 100

/** Returns the part of a trust store that a listener trusts. Each list is applied once. */
function restrictor(whole: TrustStore): (chosen: Chosen) => TrustStore {
  const byKey = new Map<string, TrustStore>()
  return (chosen) => {
    if (chosen === null) return whole
    const key = chosenKey(chosen)
    const known = byKey.get(key) ?? restrictTrustStore(whole, chosen)
    // Lists of listeners that were changed since are not needed any more.
    if (byKey.size >= maxRestricted) byKey.clear()
    byKey.set(key, known)
    return known
  }
}

const chosenKeys = new WeakMap<readonly string[], string>()

/** Equal for lists with the same authorities. */
function chosenKey(chosen: Chosen): string {
  if (chosen === null) return 'all'
  const known = chosenKeys.get(chosen)
  if (known !== undefined) return known
  const key = createHash('sha256').update(chosen.toSorted().join(' ')).digest('base64')
  chosenKeys.set(chosen, key)
  return key
}

function judgeBy(facts: TrustFacts | null, presented: readonly Uint8Array[], at: Date): ChainVerdict {
  if (!facts) return { trusted: false, leafFingerprint: null, reason: 'empty_trust_store' }
  return judgeChain({ ...facts, presented, at })
}
