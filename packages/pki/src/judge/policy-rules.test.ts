// NIST PKITS §4.8 to §4.12 has eighty more chains for these rules: pkits.all.test.ts.
import { describe, expect, test } from 'vitest'
import { judgeAuthority } from '../read/authority.ts'
import { readBundle } from '../read/certificate.ts'
import { type Issued, issue, issueAuthority, makeAuthority } from '../testing/certificates.ts'
import { at, outcome } from '../testing/chain.ts'
import { retag, writeInteger, writeOid, writeSequence } from '../testing/der-writer.ts'
import { costMs } from '../testing/time.ts'

interface PolicyRecipe {
  policies?: string[]
  mappings?: [string, string][]
  /** requireExplicitPolicy and inhibitPolicyMapping. */
  explicit?: number
  noMapping?: number
  noAny?: number
}

const any = '2.5.29.32.0'

function extensionsOf({ policies, mappings, explicit, noMapping, noAny }: PolicyRecipe) {
  const constraints = [skip(0x80, explicit), skip(0x81, noMapping)].filter((part) => part !== null)
  return [
    policies && { oid: '2.5.29.32', value: writeSequence(...policies.map((id) => writeSequence(writeOid(id)))) },
    mappings && {
      oid: '2.5.29.33',
      value: writeSequence(...mappings.map(([from, to]) => writeSequence(writeOid(from), writeOid(to)))),
    },
    constraints.length > 0 && { oid: '2.5.29.36', value: writeSequence(...constraints) },
    noAny !== undefined && { oid: '2.5.29.54', value: writeInteger(noAny) },
  ]
    .filter((extension) => extension !== undefined && extension !== false)
    .map((extension) => ({ ...extension, critical: true }))
}

function skip(tag: number, certificates: number | undefined): Uint8Array | null {
  return certificates === undefined ? null : retag(tag, writeInteger(certificates))
}

/** Returns the outcome of a chain: the anchor first, the device last. */
function chain(...recipes: PolicyRecipe[]): string {
  const [onAnchor = {}, ...below] = recipes
  const anchor = makeAuthority({ subject: 'Anchor', extraExtensions: extensionsOf(onAnchor) })
  const presented: Issued[] = []
  for (const [index, recipe] of below.entries()) {
    const above = presented[0] ?? anchor
    const extraExtensions = extensionsOf(recipe)
    const isLeaf = index === below.length - 1
    presented.unshift(
      isLeaf
        ? issue(above, { extraExtensions })
        : issueAuthority(above, { subject: `Middle ${index}`, extraExtensions }),
    )
  }
  return outcome(presented, [anchor])
}

const refused = 'no_valid_policy CN=alice'

describe('policies along a path', () => {
  test.each<[string, string, PolicyRecipe[]]>([
    ['ok', 'no policy is required and there is none', [{}, {}, {}]],
    ['ok', 'no policy is required and they differ', [{}, { policies: ['1.2.1'] }, { policies: ['1.2.2'] }]],
    ['ok', 'critical constraints that require no policy', [{}, { noMapping: 0, noAny: 0, policies: ['1.2.1'] }, {}]],
    [
      'ok',
      'required, and every certificate has it',
      [{}, { explicit: 0, policies: ['1.2.1'] }, { policies: ['1.2.1'] }],
    ],
    [
      'ok',
      'required, and the intermediate has any-policy',
      [{}, { explicit: 0, policies: [any] }, { policies: ['1.2.1'] }],
    ],
    ['ok', 'required only of later certificates', [{}, { explicit: 2 }, {}]],
    [
      'ok',
      'required and mapped',
      [{}, { explicit: 0, policies: ['1.2.1'], mappings: [['1.2.1', '1.2.2']] }, { policies: ['1.2.2'] }],
    ],
    [refused, 'required and missing', [{}, { explicit: 0, policies: ['1.2.1'] }, {}]],
    [
      refused,
      'required, but the leaf has another policy',
      [{}, { explicit: 0, policies: ['1.2.1'] }, { policies: ['1.2.2'] }],
    ],
    [refused, 'required by the leaf itself', [{}, { policies: ['1.2.1'] }, { explicit: 0 }]],
    [refused, 'required by the anchor', [{ explicit: 0 }, {}]],
    [
      refused,
      'required by a certificate further up',
      [{}, { explicit: 1, policies: ['1.2.1'] }, { policies: ['1.2.1'] }, {}],
    ],
    [
      refused,
      'any-policy where it is inhibited',
      [{}, { explicit: 0, noAny: 0, policies: ['1.2.1'] }, { policies: [any] }],
    ],
    [
      refused,
      'mapped where mapping is inhibited',
      [
        {},
        { explicit: 0, noMapping: 0, policies: ['1.2.1'] },
        { policies: ['1.2.1'], mappings: [['1.2.1', '1.2.2']] },
        { policies: ['1.2.2'] },
      ],
    ],
    [refused, 'mapped from any-policy', [{}, { policies: [any], mappings: [[any, '1.2.1']] }, {}]],
    [refused, 'mapped to any-policy', [{}, { policies: ['1.2.1'], mappings: [['1.2.1', any]] }, {}]],
    [
      refused,
      'a certificate that names a policy twice',
      [{}, { explicit: 0, policies: ['1.2.1', '1.2.1'] }, { policies: ['1.2.1'] }],
    ],
  ])('%s: %s', (expected, _, recipes) => {
    expect(chain(...recipes)).toBe(expected)
  })

  test('a self-issued certificate in between does not count', () => {
    const anchor = makeAuthority({ subject: 'Anchor', extraExtensions: extensionsOf({ explicit: 1 }) })
    const renewed = issueAuthority(anchor, { subject: 'Anchor' })
    expect(outcome([issue(renewed), renewed], [anchor])).toBe(refused)
    const later = makeAuthority({ subject: 'Anchor', extraExtensions: extensionsOf({ explicit: 2 }) })
    const renewedLater = issueAuthority(later, { subject: 'Anchor' })
    expect(outcome([issue(renewedLater), renewedLater], [later])).toBe('ok')
  })

  test('a policy that a root requires is required below its installed intermediate', () => {
    const root = makeAuthority({ subject: 'Root', extraExtensions: extensionsOf({ explicit: 0 }) })
    const middle = issueAuthority(root, { subject: 'Middle' })
    expect(outcome([issue(middle)], [middle])).toBe('ok')
    expect(outcome([issue(middle)], [root, middle])).toBe(refused)
  })
})

test.each(['2.5.29.36', '2.5.29.54'])(
  'an authority whose %s is malformed is refused at upload, and admits no client',
  async (oid) => {
    const extraExtensions = [{ oid, critical: true, value: writeSequence() }]
    const anchor = makeAuthority({ subject: 'Anchor', extraExtensions })
    expect(outcome([issue(anchor)], [anchor])).toBe(refused)
    const [info] = await readBundle(anchor.der)
    expect(info && judgeAuthority(info, at).problems).toEqual(['unknown_critical_extension'])
  },
)

test('mapping every policy to every other in seven certificates costs no more than seven certificates', async () => {
  const policies = Array.from({ length: 8 }, (_, i) => `1.2.${i}`)
  const mappings = policies.flatMap((from) => policies.map((to): [string, string] => [from, to]))
  const middle: PolicyRecipe = { explicit: 0, policies, mappings }
  const chainOf = () => chain({}, ...Array.from({ length: 6 }, () => middle), { policies })
  expect(chainOf()).toBe('ok')
  expect(await costMs(() => void chainOf(), 100)).toBeLessThan(100)
})
