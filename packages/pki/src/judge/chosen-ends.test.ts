// A listener may trust some of the anchors only. The others still restrict.
import { expect, test } from 'vitest'
import { type Issued, issue, issueAuthority, makeAuthority } from '../testing/certificates.ts'
import { type Anchors, at, storeOf } from '../testing/chain.ts'
import { judgeChain } from './chain.ts'
import { nothingRevoked } from './revocations.ts'
import { restrictTrustStore } from './trust-store.ts'

const root = makeAuthority({ subject: 'Root' })
const middle = issueAuthority(root, { subject: 'Middle' })
const other = makeAuthority({ subject: 'Other' })

function judge(presented: readonly Issued[], anchors: Anchors, ends: readonly Issued[]) {
  const trustStore = restrictTrustStore(
    storeOf(anchors),
    ends.map(({ fingerprint }) => fingerprint),
  )
  return judgeChain({ presented: presented.map(({ der }) => der), trustStore, revocations: nothingRevoked, at })
}

test('a path ends at chosen anchors only', () => {
  expect(judge([issue(root)], [root, other], [root])).toMatchObject({ trusted: true, authority: root.fingerprint })
  expect(judge([issue(other)], [root, other], [root])).toMatchObject({ trusted: false, reason: 'unknown_authority' })
})

test('nobody is trusted without a chosen anchor, also if the chosen one was deleted', () => {
  expect(judge([issue(root)], [root], [])).toMatchObject({ reason: 'empty_trust_store' })
  expect(judge([issue(root)], [root], [other])).toMatchObject({ reason: 'empty_trust_store' })
})

test('a path goes on through an anchor that is not chosen, and its username limit stays', () => {
  for (const chain of [[issue(middle)], [issue(middle), middle]]) {
    expect(judge(chain, [root, [middle, ['line-*']]], [root])).toMatchObject({
      trusted: true,
      authority: root.fingerprint,
      limits: [{ usernames: ['line-*'] }],
    })
  }
})

test('a chosen intermediate is bound by the root above it, which is not chosen', () => {
  const narrow = makeAuthority({ subject: 'Narrow', basicConstraints: { isAuthority: true, pathLength: 0 } })
  const below = issueAuthority(narrow, { subject: 'Below' })
  expect(judge([issue(below)], [below], [below])).toMatchObject({ trusted: true })
  expect(judge([issue(below)], [below, narrow], [below])).toMatchObject({ trusted: false, reason: 'path_too_long' })
})
