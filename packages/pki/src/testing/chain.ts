// Short forms for tests of chains.
import { type ChainVerdict, judgeChain, makeTrustStore, type TrustStore } from '../judge/chain.ts'
import { nothingRevoked } from '../judge/revocations.ts'
import type { Issued } from './certificates.ts'

/** Authorities to trust, each alone or with its username limit. */
export type Anchors = readonly (Issued | [Issued, string[]])[]

/** The time of judging. */
export const at = new Date('2026-03-01T00:00:00Z')
/** The second before `at`. */
export const past = new Date('2026-02-28T23:59:59Z')
/** The second after `at`. */
export const future = new Date('2026-03-01T00:00:01Z')

/** Returns a trust store of these authorities. */
export function storeOf(anchors: Anchors): TrustStore {
  return makeTrustStore(
    anchors.map((anchor) => {
      const [{ fingerprint, der }, usernames] = Array.isArray(anchor) ? anchor : [anchor, []]
      return { fingerprint, der, usernames }
    }),
  )
}

/** Returns the verdict at `at`. */
export function judge(presented: readonly Issued[], anchors: Anchors, revocations = nothingRevoked): ChainVerdict {
  return judgeChain({ presented: presented.map(({ der }) => der), trustStore: storeOf(anchors), revocations, at })
}

/** Returns `ok`, or the reason and the subject of the certificate at fault. */
export function outcome(presented: readonly Issued[], anchors: Anchors, revocations = nothingRevoked): string {
  const verdict = judge(presented, anchors, revocations)
  return verdict.trusted ? 'ok' : [verdict.reason, verdict.subject].filter((part) => part !== undefined).join(' ')
}
