import { expect, test } from 'vitest'
import { type Issued, issue, issueAuthority, makeAuthority, type Recipe } from '../testing/certificates.ts'
import { type Anchors, outcome, past } from '../testing/chain.ts'

const limitedTo = (pathLength: number): Recipe => ({ basicConstraints: { isAuthority: true, pathLength } })
const root = makeAuthority({ subject: 'Root', ...limitedTo(1) })
const middle = issueAuthority(root, { subject: 'Middle' })
const below = issueAuthority(middle, { subject: 'Below' })
const chain = [issue(below), below]

test.each<[string, string, Issued[], Anchors]>([
  ['path_too_long CN=Root', 'the root alone is trusted', [...chain, middle], [root]],
  ['path_too_long CN=Middle', 'its intermediate is trusted too', chain, [root, middle]],
  ['path_too_long CN=Below', 'both intermediates are trusted too', [issue(below)], [root, middle, below]],
  ['path_too_long CN=Middle', 'the trusted root has expired', chain, [expired(root), middle]],
  ['ok', 'the intermediate is trusted and the root is not', chain, [middle]],
  ['ok', 'the leaf is right under the intermediate', [issue(middle)], [root, middle]],
])('%s with path length 1 where %s', (expected, _, presented, anchors) => {
  expect(outcome(presented, anchors)).toBe(expected)
})

function expired({ privateKeyPem }: Issued): Issued {
  return makeAuthority({ subject: 'Root', privateKeyPem, notAfter: past, ...limitedTo(1) })
}

test('applies the path length of a root above a root', () => {
  const top = makeAuthority({ subject: 'Top', ...limitedTo(1) })
  const first = issueAuthority(top, { subject: 'First' })
  const second = issueAuthority(first, { subject: 'Second' })
  expect(outcome([issue(second)], [first, second])).toBe('ok')
  expect(outcome([issue(second)], [top, first, second])).toBe('path_too_long CN=Second')
})

test('accepts the path if another trusted root above the intermediate allows it', () => {
  const unlimited = makeAuthority({ subject: 'Root', privateKeyPem: root.privateKeyPem })
  expect(outcome(chain, [root, middle, unlimited])).toBe('ok')
  expect(outcome(chain, [root, middle, makeAuthority({ subject: 'Root' })])).toBe('path_too_long CN=Middle')
})

test('does not count self-issued certificates', () => {
  const rollover = issueAuthority(root, { subject: 'Root' })
  expect(outcome([issue(rollover)], [root, rollover])).toBe('ok')
})

test('terminates where two trusted authorities signed each other', () => {
  const a = makeAuthority({ subject: 'A' })
  const b = makeAuthority({ subject: 'B' })
  const aByB = issueAuthority(b, { subject: 'A', privateKeyPem: a.privateKeyPem })
  const bByA = issueAuthority(a, { subject: 'B', privateKeyPem: b.privateKeyPem })
  expect(outcome([issue(a)], [aByB, bByA])).toBe('ok')
})
