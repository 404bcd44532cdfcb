import { describe, expect, test } from 'vitest'
import { fingerprintOf, readFields } from './certificate-fields.ts'
import { type ChainProblem, judgeChain, makeTrustStore, makeTrustStoreInSlices } from './chain.ts'
import { writeBitString, writeElement, writeInteger, writeOid, writeSequence } from './der-writer.ts'
import { type Issued, issue, issueAuthority, makeAuthority, type Recipe } from './testing.ts'

const at = new Date('2026-03-01T00:00:00Z')
const past = new Date('2026-02-28T23:59:59Z')
const future = new Date('2026-03-01T00:00:01Z')

const root = makeAuthority({ subject: 'Root' })
const middle = issueAuthority(root, { subject: 'Middle' })
const other = makeAuthority({ subject: 'Other' })
const rsaRoot = makeAuthority({ subject: 'RSA', key: 'rsa-2048' })
const version1 = makeAuthority({ subject: 'Version 1', version: 1 })
const unknownCritical: Recipe = { extraExtensions: [{ oid: '1.2.3', critical: true, value: writeSequence() }] }
const nameConstraints: Recipe = { extraExtensions: [{ oid: '2.5.29.30', critical: true, value: writeSequence() }] }

function store(...anchors: (Issued | [Issued, string[]])[]) {
  return makeTrustStore(
    anchors.map((anchor) => {
      const [{ fingerprint, der }, usernames] = Array.isArray(anchor) ? anchor : [anchor, []]
      return { fingerprint, der, usernames }
    }),
  )
}

function judge(presented: Issued[], anchors: Parameters<typeof store>, moment = at) {
  return judgeChain({ presented: presented.map(({ der }) => der), trustStore: store(...anchors), at: moment })
}

/** `ok`, or the reason with the subject at fault. */
function outcome(presented: Issued[], anchors: Parameters<typeof store>, moment = at): string {
  const verdict = judge(presented, anchors, moment)
  return verdict.trusted ? 'ok' : [verdict.reason, verdict.subject].filter((part) => part !== undefined).join(' ')
}

function chainOf(length: number, recipe: (index: number) => Recipe = () => ({})): Issued[] {
  const links = [root]
  for (let i = 1; i <= length; i++) {
    links.unshift(issueAuthority(links[0] ?? root, { subject: `Link ${i}`, ...recipe(i) }))
  }
  return links
}

describe('accepted', () => {
  const selfIssued = issueAuthority(root, { subject: 'Root' })
  const pathZero = makeAuthority({ subject: 'Zero', basicConstraints: { isAuthority: true, pathLength: 0 } })
  const zeroRollover = issueAuthority(pathZero, { subject: 'Zero' })
  const long = chainOf(6)
  test.each<[string, Issued[], Parameters<typeof store>]>([
    ['under a root', [issue(root)], [root]],
    ['with the root sent along', [issue(root), root], [root]],
    ['under an intermediate', [issue(middle), middle], [root]],
    ['presented in any order', [issue(middle), other, root, middle], [root]],
    ['presented twice', [issue(middle), middle, middle], [root]],
    ['an intermediate as anchor, without its root', [issue(middle)], [middle]],
    ['both are anchors', [issue(middle), middle], [root, middle]],
    ['RSA', [issue(rsaRoot, { key: 'rsa-2048' })], [rsaRoot]],
    ['RSA-PSS', [issue(rsaRoot, { isPss: true })], [rsaRoot]],
    ['Ed25519', [issue(makeAuthorityAs('Ed', 'ed25519'), { key: 'ed25519' })], [makeAuthorityAs('Ed', 'ed25519')]],
    ['P-521 and SHA-512', [issue(root, { key: 'p-521', hash: 'sha512' })], [root]],
    ['version 1 leaf', [issue(root, { version: 1 })], [root]],
    ['version 1 leaf under a version 1 root', [issue(version1, { version: 1 })], [version1]],
    [
      'no usages, no identifiers',
      [issue(root, { extendedKeyUsage: null, keyUsage: null, authorityKeyIdentifier: 'none' })],
      [root],
    ],
    ['any extended usage', [issue(root, { extendedKeyUsage: ['anyExtendedKeyUsage'] })], [root]],
    ['key agreement', [issue(root, { keyUsage: ['keyAgreement'] })], [root]],
    ['an identifier that points nowhere', [issue(root, { authorityKeyIdentifier: 'wrong' })], [root]],
    [
      'a root that signs itself with SHA-1',
      [issue(makeAuthorityAs('SHA-1', 'rsa-2048', 'sha1'))],
      [makeAuthorityAs('SHA-1', 'rsa-2048', 'sha1')],
    ],
    ['path length 0, leaf below', [issue(pathZero)], [pathZero]],
    ['path length 0, self-issued between', [issue(zeroRollover), zeroRollover], [pathZero]],
    ['a self-issued key rollover', [issue(selfIssued), selfIssued], [root]],
    ['eight certificates', [issue(long[0] ?? root), ...long.slice(0, -1)], [root]],
    ['last second', [issue(root, { notAfter: at })], [root]],
    ['first second', [issue(root, { notBefore: at })], [root]],
    ['rubbish in between', [issue(root), { ...root, der: Buffer.from('rubbish') }], [root]],
  ])('%s', (_, presented, anchors) => {
    expect(outcome(presented, anchors)).toBe('ok')
  })
})

const made = new Map<string, Issued>()
function makeAuthorityAs(
  subject: string,
  key: NonNullable<Recipe['key']>,
  hash: NonNullable<Recipe['hash']> = 'sha256',
): Issued {
  const authority = made.get(subject) ?? makeAuthority({ subject, key, hash })
  made.set(subject, authority)
  return authority
}

describe('refused', () => {
  const under = (recipe: Recipe) => issueAuthority(root, { subject: 'Middle', ...recipe })
  const through = (recipe: Recipe): Issued[] => {
    const link = under(recipe)
    return [issue(link), link]
  }
  const below = (recipe: Recipe): [Issued[], Parameters<typeof store>] => {
    const anchor = makeAuthority({ subject: 'Anchor', ...recipe })
    return [[issue(anchor)], [anchor]]
  }
  const pathZero = makeAuthority({ subject: 'Zero', basicConstraints: { isAuthority: true, pathLength: 0 } })
  const belowZero = issueAuthority(pathZero, { subject: 'Below' })
  const belowVersion1 = issueAuthority(version1, { subject: 'Below' })
  const long = chainOf(7)
  const impostor = makeAuthority({ subject: 'Root' })
  const leafAsAuthority = issue(root, { subject: 'bob' })
  test.each<[string, string, Issued[], Parameters<typeof store>]>([
    ['no_certificate', 'nothing', [], [root]],
    ['empty_trust_store', 'nobody is trusted', [issue(root)], []],
    ['malformed', 'rubbish', [{ ...root, der: Buffer.from('rubbish') }], [root]],
    [
      'malformed',
      'rubbish where the issuer should be',
      [issue(middle), { ...root, der: middle.der.subarray(0, -1) }],
      [root],
    ],
    ['too_many_certificates', 'eleven', Array.from({ length: 11 }, () => root), [root]],
    ['unknown_authority CN=alice', 'another authority', [issue(other)], [root]],
    ['unknown_authority CN=alice', 'another one sent along', [issue(other), other], [root]],
    ['unknown_authority CN=alice', 'self-signed', [makeAuthority({ subject: 'alice' })], [root]],
    ['unknown_authority CN=alice', 'the intermediate is missing', [issue(middle)], [root]],
    ['unknown_authority CN=alice', 'an impostor by name, told by its identifier', [issue(impostor)], [root]],
    ['bad_signature CN=alice', 'an impostor by name', [issue(impostor, { authorityKeyIdentifier: 'none' })], [root]],
    ['bad_signature CN=alice', 'forged', [issue(root, { isForged: true })], [root]],
    ['bad_signature CN=Middle', 'forged intermediate', through({ isForged: true }), [root]],
    ['bad_signature CN=alice', 'forged under an intermediate', [issue(middle, { isForged: true }), middle], [root]],
    ['expired CN=alice', 'leaf', [issue(root, { notAfter: past })], [root]],
    ['not_yet_valid CN=alice', 'leaf', [issue(root, { notBefore: future })], [root]],
    ['not_yet_valid CN=Middle', 'intermediate', through({ notBefore: future }), [root]],
    ['not_yet_valid CN=Anchor', 'anchor', ...below({ notBefore: future })],
    ['authority_expired CN=Middle', 'intermediate', through({ notAfter: past }), [root]],
    ['authority_expired CN=Anchor', 'anchor', ...below({ notAfter: past })],
    ['not_a_ca CN=bob', 'a leaf as issuer', [issue(leafAsAuthority), leafAsAuthority], [root]],
    ['not_a_ca CN=Middle', 'no basic constraints', through({ basicConstraints: null }), [root]],
    ['not_a_ca CN=Middle', 'version 1 intermediate', through({ version: 1 }), [root]],
    ['not_a_ca CN=Middle', 'may not sign', through({ keyUsage: ['digitalSignature'] }), [root]],
    ['not_a_ca CN=Anchor', 'anchor without basic constraints', ...below({ basicConstraints: null })],
    ['not_a_ca CN=Anchor', 'anchor that may not sign', ...below({ keyUsage: ['cRLSign'] })],
    ['not_a_ca CN=Anchor', 'version 1 anchor that is not self-signed', ...below({ version: 1, isForged: true })],
    ['path_too_long CN=Zero', 'below path length 0', [issue(belowZero), belowZero], [pathZero]],
    ['path_too_long CN=Version 1', 'below a version 1 root', [issue(belowVersion1), belowVersion1], [version1]],
    ['path_too_long CN=Link 7', 'nine certificates', [issue(long[0] ?? root), ...long.slice(0, -1)], [root]],
    ['wrong_usage CN=alice', 'for servers', [issue(root, { extendedKeyUsage: ['serverAuth'] })], [root]],
    ['wrong_usage CN=alice', 'may not sign', [issue(root, { keyUsage: ['keyEncipherment'] })], [root]],
    ['wrong_usage CN=Middle', 'an intermediate for servers', through({ extendedKeyUsage: ['serverAuth'] }), [root]],
    ['wrong_usage CN=Anchor', 'an anchor for servers', ...below({ extendedKeyUsage: ['serverAuth'] })],
    ['wrong_usage CN=Root', 'an anchor itself', [root], [root]],
    ['wrong_usage CN=Middle', 'an anchor itself, under another', [middle], [root, middle]],
    ['weak_key CN=alice', 'RSA 1024', [issue(root, { key: 'rsa-1024' })], [root]],
    ['weak_key CN=alice', 'P-224', [issue(root, { key: 'p-224' })], [root]],
    ['weak_key CN=Middle', 'RSA 1024 intermediate', through({ key: 'rsa-1024' }), [root]],
    ['weak_key CN=Anchor', 'RSA 1024 anchor', ...below({ key: 'rsa-1024' })],
    ['weak_signature CN=alice', 'SHA-1', [issue(rsaRoot, { hash: 'sha1' })], [rsaRoot]],
    ['weak_signature CN=alice', 'MD5', [issue(rsaRoot, { hash: 'md5' })], [rsaRoot]],
    ['weak_signature CN=alice', 'ECDSA with SHA-1', [issue(root, { hash: 'sha1' })], [root]],
    ['unknown_critical_extension CN=alice', 'leaf', [issue(root, unknownCritical)], [root]],
    ['unknown_critical_extension CN=Middle', 'intermediate', through(unknownCritical), [root]],
    ['unknown_critical_extension CN=Anchor', 'anchor', ...below(unknownCritical)],
    ['name_constraints CN=Middle', 'intermediate', through(nameConstraints), [root]],
    ['name_constraints CN=Anchor', 'anchor', ...below(nameConstraints)],
  ])('%s: %s', (expected, _, presented, anchors) => {
    expect(outcome(presented, anchors)).toBe(expected)
  })
})

describe('several ways', () => {
  test('two authorities with one subject both work, with and without identifiers', () => {
    const twins = [makeAuthority({ subject: 'Twin' }), makeAuthority({ subject: 'Twin' })] as const
    for (const twin of twins) {
      for (const authorityKeyIdentifier of ['right', 'none'] as const) {
        const verdict = judge([issue(twin, { authorityKeyIdentifier })], [...twins])
        expect(verdict).toMatchObject({ trusted: true, authority: twin.fingerprint })
      }
    }
  })

  test('a cross-signed intermediate: an expired way does not hide a good one, in any order', () => {
    const cross = issueAuthority(other, { subject: 'Middle', privateKeyPem: middle.privateKeyPem, notAfter: past })
    const leaf = issue(middle)
    expect(judge([leaf, cross, middle], [root, other])).toMatchObject({ trusted: true, authority: root.fingerprint })
    expect(judge([leaf, middle, cross], [root, other])).toMatchObject({ trusted: true, authority: root.fingerprint })
    expect(outcome([leaf, cross], [root, other])).toBe('authority_expired CN=Middle')
    expect(outcome([leaf, cross, middle], [other])).toBe('authority_expired CN=Middle')
  })

  test('an expired anchor beside a renewed one with the same key', () => {
    const renewed = makeAuthority({ subject: 'Old', privateKeyPem: root.privateKeyPem })
    const expired = makeAuthority({ subject: 'Old', privateKeyPem: root.privateKeyPem, notAfter: past })
    const verdict = judge([issue(renewed)], [expired, renewed])
    expect(verdict).toMatchObject({ trusted: true, authority: renewed.fingerprint })
    expect(verdict.trusted && verdict.authorities.toSorted()).toEqual(
      [expired, renewed].map((a) => a.fingerprint).toSorted(),
    )
  })

  test('a loop of two authorities ends', () => {
    const a = makeAuthority({ subject: 'A' })
    const b = makeAuthority({ subject: 'B' })
    const aByB = issueAuthority(b, { subject: 'A', privateKeyPem: a.privateKeyPem })
    const bByA = issueAuthority(a, { subject: 'B', privateKeyPem: b.privateKeyPem })
    const leaf = issue(a)
    expect(outcome([leaf, aByB, bByA], [root])).toBe('unknown_authority CN=alice')
    expect(outcome([leaf, aByB, bByA], [b])).toBe('ok')
  })

  test('the earliest end of any link is told', () => {
    const soon = new Date('2026-04-01T00:00:00Z')
    const anchor = makeAuthority({ subject: 'Anchor', notAfter: soon })
    expect(judge([issue(anchor)], [anchor])).toMatchObject({ trusted: true, validUntil: soon })
  })

  test('the path names what a revocation names', () => {
    const leaf = issue(middle, { serialNumber: 0xabcdn })
    const verdict = judge([leaf, middle], [root])
    const key = (issued: Issued) => fingerprintOf(readFields(issued.der).spki)
    expect(verdict.trusted && verdict.path).toMatchObject([
      { serialNumber: '00abcd', keyFingerprint: key(leaf), issuerKeyFingerprint: key(middle), subject: 'CN=alice' },
      { keyFingerprint: key(middle), issuerKeyFingerprint: key(root), subject: 'CN=Middle' },
      { keyFingerprint: key(root), issuerKeyFingerprint: null, subject: 'CN=Root' },
    ])
  })
})

describe('limits of usernames', () => {
  test('go with the anchor', () => {
    expect(judge([issue(root)], [[root, ['line-3-*', 'x']]])).toMatchObject({ usernameLimits: [['line-3-*', 'x']] })
    expect(judge([issue(root)], [root])).toMatchObject({ usernameLimits: [] })
  })

  test('go with the key: a cross-signed copy does not escape', () => {
    const supplier = makeAuthority({ subject: 'Supplier' })
    const copy = issueAuthority(root, { subject: 'Supplier', privateKeyPem: supplier.privateKeyPem })
    const copyElsewhere = issueAuthority(root, { subject: 'Elsewhere', privateKeyPem: supplier.privateKeyPem })
    const anchors: Parameters<typeof store> = [root, [supplier, ['line-3-*']]]
    expect(judge([issue(copy), copy], anchors)).toMatchObject({ trusted: true, usernameLimits: [['line-3-*']] })
    const verdict = judge([issue(copyElsewhere), copyElsewhere], anchors)
    expect(verdict).toMatchObject({ trusted: true, authority: root.fingerprint, usernameLimits: [['line-3-*']] })
    expect(verdict.trusted && verdict.authorities).toEqual([supplier.fingerprint, root.fingerprint])
  })

  test('of several on the path all count', () => {
    const anchors: Parameters<typeof store> = [
      [root, ['a*']],
      [issueAuthority(other, { privateKeyPem: middle.privateKeyPem }), ['*b']],
    ]
    expect(judge([issue(middle), middle], anchors)).toMatchObject({ usernameLimits: [['*b'], ['a*']] })
  })
})

describe('the store', () => {
  test('leaves out what is not what it says, and keeps the rest', () => {
    const trustStore = makeTrustStore([
      { fingerprint: root.fingerprint, der: root.der, usernames: [] },
      { fingerprint: other.fingerprint, der: middle.der, usernames: [] },
      { fingerprint: 'rubbish', der: Buffer.from('rubbish'), usernames: [] },
    ])
    expect(trustStore).toMatchObject({ size: 1, rejected: [other.fingerprint, 'rubbish'] })
    expect(judgeChain({ presented: [issue(root).der], trustStore, at }).trusted).toBe(true)
    expect(judgeChain({ presented: [issue(middle).der], trustStore, at }).trusted).toBe(false)
  })

  test('of slices is the same', async () => {
    const trustStore = await makeTrustStoreInSlices([{ fingerprint: root.fingerprint, der: root.der, usernames: [] }])
    expect(trustStore.size).toBe(1)
    expect(judgeChain({ presented: [issue(root).der], trustStore, at }).trusted).toBe(true)
  })
})

describe('hostile bundles', () => {
  test('a certificate with another one inside is judged as itself', () => {
    // Node's X509Certificate reads the PEM that is inside, whose signature is good.
    const attacker = makeAuthority({ subject: 'Root', privateKeyPem: other.privateKeyPem })
    const good = issue(root, { subject: 'bob' })
    const evil = issue(attacker, {
      subject: 'admin',
      authorityKeyIdentifier: 'none',
      extraExtensions: [{ oid: '1.2.3.4', critical: false, value: Buffer.from(`\n${good.certificatePem}`) }],
    })
    expect(outcome([evil], [root])).toBe('bad_signature CN=admin')
  })

  test('a key that is too large is not computed with', () => {
    const modulus = Buffer.alloc(4097, 0xff)
    const key = writeSequence(writeElement(0x02, Buffer.from([0]), modulus), writeInteger(65537))
    const spki = writeSequence(writeSequence(writeOid('1.2.840.113549.1.1.1'), writeElement(0x05)), writeBitString(key))
    const large = issueAuthority(root, { subject: 'Large', spki })
    const leaf = issue({ ...rsaRoot, der: large.der })
    expect(outcome([leaf, large], [root])).toBe('bad_signature CN=alice')
    expect(outcome([issue(root, { spki })], [root])).toBe('weak_key CN=alice')
  })

  test.each<[string, ChainProblem, () => [Issued[], Parameters<typeof store>]]>([
    [
      'all of one name, signed by one another',
      'unknown_authority',
      () => {
        const first = makeAuthority({ subject: 'X', key: 'p-521' })
        return [
          Array.from({ length: 10 }, () => issueAuthority(first, { subject: 'X', privateKeyPem: first.privateKeyPem })),
          [root],
        ]
      },
    ],
    [
      'all claim the anchor',
      'bad_signature',
      () => {
        const fake = makeAuthority({ subject: 'Root', hasSubjectKeyIdentifier: false })
        return [Array.from({ length: 10 }, () => issueAuthority(fake, { subject: 'Root' })), [root]]
      },
    ],
    [
      'more anchors of the name than may be asked',
      'too_many_certificates',
      () => {
        const fake = makeAuthority({ subject: 'Many', hasSubjectKeyIdentifier: false })
        return [[issue(fake)], Array.from({ length: 40 }, () => makeAuthority({ subject: 'Many', key: 'p-384' }))]
      },
    ],
    [
      'all truly vouched for, but none may sign',
      'not_a_ca',
      () => {
        const key = middle.privateKeyPem
        const links = Array.from({ length: 9 }, () =>
          issueAuthority(root, { subject: 'Root', privateKeyPem: root.privateKeyPem }),
        )
        return [
          [issue(root), ...links],
          [
            makeAuthority({ subject: 'Root', privateKeyPem: root.privateKeyPem, basicConstraints: null }),
            issueAuthority(root, { privateKeyPem: key }),
          ],
        ]
      },
    ],
  ])('%s', (_, reason, prepare) => {
    const [presented, anchors] = prepare()
    const trustStore = store(...anchors)
    const input = { presented: presented.map(({ der }) => der), trustStore, at }
    judgeChain(input)
    const start = performance.now()
    const verdict = judgeChain(input)
    expect(performance.now() - start).toBeLessThan(50)
    expect(verdict).toMatchObject({ trusted: false, reason })
  })
})
