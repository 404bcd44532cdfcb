// The username limit of an authority applies to its key, if its signature proves that it owns the key.
import { describe, expect, test } from 'vitest'
import { type Issued, issue, issueAuthority, makeAuthority } from '../testing/certificates.ts'
import { type Anchors, judge } from '../testing/chain.ts'
import { type ChainVerdict, trustedPaths } from './chain.ts'

const root = makeAuthority({ subject: 'Root' })
const middle = issueAuthority(root, { subject: 'Middle' })
const other = makeAuthority({ subject: 'Other' })

describe('username limits', () => {
  test('apply to the anchor', () => {
    expect(limitsOf(judge([issue(root)], [[root, ['line-3-*', 'x']]]))).toEqual([['line-3-*', 'x']])
    expect(limitsOf(judge([issue(root)], [root]))).toEqual([])
  })

  test('apply to the key: a cross-signed copy does not escape the limit', () => {
    const supplier = makeAuthority({ subject: 'Supplier' })
    const copy = issueAuthority(root, { subject: 'Supplier', privateKeyPem: supplier.privateKeyPem })
    const copyElsewhere = issueAuthority(root, { subject: 'Elsewhere', privateKeyPem: supplier.privateKeyPem })
    const anchors: Anchors = [root, [supplier, ['line-3-*']]]
    expect(limitsOf(judge([issue(copy), copy], anchors))).toEqual([['line-3-*']])
    const verdict = judge([issue(copyElsewhere), copyElsewhere], anchors)
    expect(verdict).toMatchObject({ trusted: true, authority: root.fingerprint })
    expect(limitsOf(verdict)).toEqual([['line-3-*']])
    expect(verdict.trusted && verdict.authorities).toEqual([supplier.fingerprint, root.fingerprint])
  })

  test('of several authorities on the path all apply', () => {
    const anchors: Anchors = [
      [root, ['a*']],
      [issueAuthority(root, { privateKeyPem: middle.privateKeyPem }), ['*b']],
    ]
    expect(limitsOf(judge([issue(middle), middle], anchors))).toEqual([['a*'], ['*b']])
  })

  test('do not apply to the key if no signature proves its owner', () => {
    const forged = issueAuthority(other, { subject: 'Root', privateKeyPem: root.privateKeyPem })
    expect(limitsOf(judge([issue(root)], [root, [forged, ['nobody']]]))).toEqual([])
    expect(limitsOf(judge([issue(middle), middle], [root, [forged, ['nobody']]]))).toEqual([])
    // An authority without a limit proves it.
    expect(limitsOf(judge([issue(middle), middle], [root, other, [forged, ['nobody']]]))).toEqual([['nobody']])
  })

  test('apply only to paths through the limited authority that signed the certificate', () => {
    const copy = issueAuthority(other, { subject: 'Middle', privateKeyPem: middle.privateKeyPem })
    const narrower = issueAuthority(other, { subject: 'Narrower', privateKeyPem: middle.privateKeyPem })
    const anchors: Anchors = [root, [other, ['a*']], [narrower, ['al*']]]
    expect(limitsOf(judge([issue(middle), middle], anchors))).toEqual([])
    expect(limitsOf(judge([issue(middle), copy], anchors))).toEqual([['a*'], ['al*']])
  })

  test('of an intermediate leave the path to a root without that limit as its own', () => {
    const anchors: Anchors = [root, [middle, ['nobody']]]
    const expected = [
      [middle.fingerprint, ['nobody']],
      [root.fingerprint, ['nobody']],
    ]
    for (const chain of [[issue(middle), middle], [issue(middle)]]) {
      const verdict = judge(chain, anchors)
      const paths = verdict.trusted ? trustedPaths(verdict) : []
      expect(paths.map(({ authority, limits }) => [authority, limits.flatMap(({ usernames }) => usernames)])).toEqual(
        expected,
      )
    }
  })

  test('of an intermediate leave the path to a limited root', () => {
    const verdict = judge(
      [issue(middle), middle],
      [
        [root, ['a*']],
        [middle, ['nobody']],
      ],
    )
    const paths = verdict.trusted ? trustedPaths(verdict) : []
    expect(paths.map(({ authority, limits }) => [authority, limits.flatMap(({ usernames }) => usernames)])).toEqual([
      [middle.fingerprint, ['nobody']],
      [root.fingerprint, ['a*', 'nobody']],
    ])
  })

  test('admit the client by one of two limited authorities that share a key', () => {
    const unknown = makeAuthority({ subject: 'Unknown' })
    const copies = ['al*', 'nobody'].map((glob): [Issued, string[]] => [
      issueAuthority(unknown, { subject: 'Shared', privateKeyPem: middle.privateKeyPem }),
      [glob],
    ])
    for (const anchors of [copies, copies.toReversed()]) {
      const verdict = judge([issue(copies[0]?.[0] ?? root)], anchors)
      const paths = verdict.trusted
        ? trustedPaths(verdict).map(({ limits }) => limits.flatMap(({ usernames }) => usernames))
        : []
      expect(paths).toHaveLength(2)
      expect(paths).toEqual(expect.arrayContaining([['al*'], ['nobody']]))
    }
  })
})

function limitsOf(verdict: ChainVerdict) {
  return verdict.trusted && verdict.limits.map(({ usernames }) => usernames)
}
