/**
 * Remembers verdicts of chains. A trusted verdict counts within its dates and is renewed when something was revoked since. A refusal counts
 * for one minute. Both end when a CA changes. The maps are bounded and evict the chain that was not used for longest, so that
 * chains of strangers do not evict those of devices that connect again and again.
 */
import {
  type ChainVerdict,
  type RefusedVerdict,
  renewVerdict,
  type TrustedVerdict,
  type TrustStore,
  trustedPaths,
} from '@gatehouse/pki/judge/chain'
import type { Revocations } from '@gatehouse/pki/judge/revocations'
import { LRUCache } from 'lru-cache'

const maxVerdicts = 20_000
const maxRefusals = 1_000
/** The reason may change with time: a chain that was not trusted expires. */
const refusalHoldsMs = 60_000

/** What a chain is judged by. */
export interface TrustFacts {
  trustStore: TrustStore
  revocations: Revocations
  clockSkewMs: number
}

interface Remembered {
  verdict: TrustedVerdict
  /** The revocations that the verdict was last judged by. */
  revocations: Revocations
}

interface RememberedRefusal {
  verdict: RefusedVerdict
  revocations: Revocations
  at: Date
}

export class VerdictCache {
  readonly #verdicts = new LRUCache<string, Remembered>({ max: maxVerdicts })
  readonly #refusals = new LRUCache<string, RememberedRefusal>({ max: maxRefusals })

  /** `key`: of the chain, see `chainKey`. Null: judge it. */
  find(key: string, facts: TrustFacts, at: Date): ChainVerdict | null {
    return this.#findTrusted(key, facts, at) ?? this.#findRefused(key, facts, at)
  }

  store(
    key: string,
    { verdict, revocations, at }: { verdict: ChainVerdict; revocations: Revocations; at: Date },
  ): void {
    if (verdict.trusted) this.#verdicts.set(key, { verdict, revocations })
    else if (!verdict.mayPassLater) this.#refusals.set(key, { verdict, revocations, at })
  }

  clear(): void {
    this.#verdicts.clear()
    this.#refusals.clear()
  }

  clearRefusals(): void {
    this.#refusals.clear()
  }

  #findTrusted(key: string, { trustStore, revocations, clockSkewMs }: TrustFacts, at: Date): TrustedVerdict | null {
    const known = this.#verdicts.get(key)
    if (!known) return null
    if (known.revocations !== revocations) {
      const renewed = renewVerdict(known.verdict, { trustStore, revocations }, at)
      if (!renewed) return null
      known.verdict = renewed
      known.revocations = revocations
    }
    return isWithin(known.verdict, at, clockSkewMs) ? known.verdict : null
  }

  // The clock may have been set back since.
  #findRefused(key: string, { revocations }: TrustFacts, at: Date): RefusedVerdict | null {
    const known = this.#refusals.get(key)
    if (!known || known.revocations !== revocations) return null
    const ageMs = at.getTime() - known.at.getTime()
    return ageMs >= 0 && ageMs < refusalHoldsMs ? known.verdict : null
  }
}

function isWithin(verdict: TrustedVerdict, at: Date, clockSkewMs: number): boolean {
  const latest = new Date(at.getTime() + clockSkewMs)
  return trustedPaths(verdict).every(
    ({ validUntil, path }) => at < validUntil && path.every(({ notBefore }) => latest >= notBefore),
  )
}
