import { describe, expect, test } from 'vitest'
import { fingerprintOf, readFields } from '../read/certificate-fields.ts'
import { type Issued, issue, issueAuthority, makeAuthority } from '../testing/certificates.ts'
import { type Anchors, at, judge, outcome, past, storeOf } from '../testing/chain.ts'
import { writeBitString, writeElement, writeInteger, writeOid, writeSequence } from '../testing/der-writer.ts'
import { costMs, longestPauseMs } from '../testing/time.ts'
import { type ChainProblem, judgeChain, makeTrustStore, makeTrustStoreInSlices } from './chain.ts'
import { nothingRevoked } from './revocations.ts'

const root = makeAuthority({ subject: 'Root' })
const middle = issueAuthority(root, { subject: 'Middle' })
const other = makeAuthority({ subject: 'Other' })
const rsaRoot = makeAuthority({ subject: 'RSA', key: 'rsa-2048' })

function keyOf(issued: Issued): string {
  return fingerprintOf(readFields(issued.der).spki)
}

describe('several paths', () => {
  test('accepts clients of two authorities with one subject, with and without key identifiers', () => {
    const twins = [makeAuthority({ subject: 'Twin' }), makeAuthority({ subject: 'Twin' })] as const
    for (const twin of twins) {
      for (const authorityKeyIdentifier of ['right', 'none'] as const) {
        const verdict = judge([issue(twin, { authorityKeyIdentifier })], [...twins])
        expect(verdict).toMatchObject({ trusted: true, authority: twin.fingerprint })
      }
    }
  })

  test('accepts a cross-signed intermediate although another path has expired, in any order', () => {
    const cross = issueAuthority(other, { subject: 'Middle', privateKeyPem: middle.privateKeyPem, notAfter: past })
    const leaf = issue(middle)
    expect(judge([leaf, cross, middle], [root, other])).toMatchObject({ trusted: true, authority: root.fingerprint })
    expect(judge([leaf, middle, cross], [root, other])).toMatchObject({ trusted: true, authority: root.fingerprint })
    expect(outcome([leaf, cross], [root, other])).toBe('authority_expired CN=Middle')
    expect(outcome([leaf, cross, middle], [other])).toBe('authority_expired CN=Middle')
  })

  test('accepts a renewed anchor beside an expired one with the same key', () => {
    const renewed = makeAuthority({ subject: 'Old', privateKeyPem: root.privateKeyPem })
    const expired = makeAuthority({ subject: 'Old', privateKeyPem: root.privateKeyPem, notAfter: past })
    const verdict = judge([issue(renewed)], [expired, renewed])
    expect(verdict).toMatchObject({ trusted: true, authority: renewed.fingerprint })
    expect(verdict.trusted && verdict.authorities.toSorted()).toEqual(
      [expired, renewed].map((a) => a.fingerprint).toSorted(),
    )
  })

  test('terminates where two authorities signed each other', () => {
    const a = makeAuthority({ subject: 'A' })
    const b = makeAuthority({ subject: 'B' })
    const aByB = issueAuthority(b, { subject: 'A', privateKeyPem: a.privateKeyPem })
    const bByA = issueAuthority(a, { subject: 'B', privateKeyPem: b.privateKeyPem })
    const leaf = issue(a)
    expect(outcome([leaf, aByB, bByA], [root])).toBe('unknown_authority CN=alice')
    expect(outcome([leaf, aByB, bByA], [b])).toBe('ok')
  })

  test('reports the earliest end of any certificate on the path', () => {
    const soon = new Date('2026-04-01T00:00:00Z')
    const anchor = makeAuthority({ subject: 'Anchor', notAfter: soon })
    expect(judge([issue(anchor)], [anchor])).toMatchObject({ trusted: true, validUntil: soon })
  })

  test('reports the issuer key and serial number that a revocation names', () => {
    const leaf = issue(middle, { serialNumber: 0xabcdn })
    const verdict = judge([leaf, middle], [root])
    expect(verdict.trusted && verdict.path).toMatchObject([
      { serialNumber: '00abcd', keyFingerprint: keyOf(leaf), issuerKeyFingerprint: keyOf(middle), subject: 'CN=alice' },
      { keyFingerprint: keyOf(middle), issuerKeyFingerprint: keyOf(root), subject: 'CN=Middle' },
      { keyFingerprint: keyOf(root), issuerKeyFingerprint: null, subject: 'CN=Root' },
    ])
  })
})

describe('the trust store', () => {
  test('leaves out anchors whose bytes do not match their fingerprint, and keeps the others', () => {
    const trustStore = makeTrustStore([
      { fingerprint: root.fingerprint, der: root.der, usernames: [] },
      { fingerprint: other.fingerprint, der: middle.der, usernames: [] },
      { fingerprint: 'rubbish', der: Buffer.from('rubbish'), usernames: [] },
    ])
    expect(trustStore).toMatchObject({ size: 1, rejected: [other.fingerprint, 'rubbish'] })
    expect(judgeChain({ presented: [issue(root).der], trustStore, revocations: nothingRevoked, at }).trusted).toBe(true)
    expect(judgeChain({ presented: [issue(middle).der], trustStore, revocations: nothingRevoked, at }).trusted).toBe(
      false,
    )
  })

  test('is the same when it is built in slices', async () => {
    const trustStore = await makeTrustStoreInSlices([{ fingerprint: root.fingerprint, der: root.der, usernames: [] }])
    expect(trustStore.size).toBe(1)
    expect(judgeChain({ presented: [issue(root).der], trustStore, revocations: nothingRevoked, at }).trusted).toBe(true)
  })
})

const anchorCount = process.env['GATEHOUSE_TEST_ALL'] ? 10_000 : 3_000

test(`is built from ${anchorCount} anchors without blocking the thread`, async () => {
  const enoughMs = 30
  const { privateKeyPem } = root
  const anchors = Array.from({ length: anchorCount }, (_, i) => ({
    ...makeAuthority({ subject: `Root ${i}`, privateKeyPem }),
    usernames: [],
  }))
  const longestMs = await longestPauseMs(async () => {
    expect(await makeTrustStoreInSlices(anchors)).toMatchObject({ size: anchorCount, rejected: [] })
  }, enoughMs)
  // The rule is 10 ms; the rest is for the garbage collector.
  expect(longestMs).toBeLessThan(enoughMs)
})

test('accepts clients of each of many anchors with one name, also more anchors than signature checks', () => {
  const byIssuerName = Array.from({ length: 50 }, () => makeAuthority({ subject: 'Namesake' }))
  for (const which of [0, 23, 24, 25, 49])
    expect(outcome([issue(byIssuerName[which] ?? root)], byIssuerName)).toBe('ok')
  expect(outcome([issue(makeAuthority({ subject: 'Namesake' }))], byIssuerName)).toBe('too_many_certificates')
  // Without an authority key identifier only the first ones are tried.
  const unhinted = issue(byIssuerName[1] ?? root, { authorityKeyIdentifier: 'none' })
  expect(outcome([unhinted], byIssuerName)).toBe('ok')
})

const anchor = (authority: Issued, usernames: string[] = []) => ({ ...authority, usernames })

test('judges the same when it is built from an earlier store, with anchors added and removed', async () => {
  const before = await makeTrustStoreInSlices([anchor(root), anchor(other)])
  const after = await makeTrustStoreInSlices([anchor(root, ['a*']), anchor(middle)], before)
  expect(after.size).toBe(2)
  const judgeAfter = (leaf: Issued) =>
    judgeChain({ presented: [leaf.der], trustStore: after, revocations: nothingRevoked, at })
  expect(judgeAfter(issue(root))).toMatchObject({ trusted: true, limits: [{ usernames: ['a*'] }] })
  expect(judgeAfter(issue(middle)).trusted).toBe(true)
  expect(judgeAfter(issue(other)).trusted).toBe(false)
})

describe('hostile chains', () => {
  test('judges a certificate that contains another one by its own bytes', () => {
    // Node's X509Certificate reads the PEM inside, whose signature is valid.
    const attacker = makeAuthority({ subject: 'Root', privateKeyPem: other.privateKeyPem })
    const good = issue(root, { subject: 'bob' })
    const evil = issue(attacker, {
      subject: 'admin',
      authorityKeyIdentifier: 'none',
      extraExtensions: [{ oid: '1.2.3.4', critical: false, value: Buffer.from(`\n${good.certificatePem}`) }],
    })
    expect(outcome([evil], [root])).toBe('unknown_authority CN=admin')
  })

  test('does not compute with a key that is too large', () => {
    const modulus = Buffer.alloc(4097, 0xff)
    const key = writeSequence(writeElement(0x02, Buffer.from([0]), modulus), writeInteger(65537))
    const spki = writeSequence(writeSequence(writeOid('1.2.840.113549.1.1.1'), writeElement(0x05)), writeBitString(key))
    const large = issueAuthority(root, { subject: 'Large', spki })
    const leaf = issue({ ...rsaRoot, der: large.der })
    expect(outcome([leaf, large], [root])).toBe('unsupported_signature CN=alice')
    expect(outcome([issue(root, { spki })], [root])).toBe('weak_key CN=alice')
  })

  test.each<[string, ChainProblem, () => [Issued[], Anchors]]>([
    [
      'certificates of one name that signed each other',
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
      'certificates that all claim the anchor as their issuer',
      'unknown_authority',
      () => {
        const fake = makeAuthority({ subject: 'Root', hasSubjectKeyIdentifier: false })
        return [Array.from({ length: 10 }, () => issueAuthority(fake, { subject: 'Root' })), [root]]
      },
    ],
    [
      'more anchors of one name than signature checks',
      'too_many_certificates',
      () => {
        const fake = makeAuthority({ subject: 'Many', hasSubjectKeyIdentifier: false })
        return [[issue(fake)], Array.from({ length: 40 }, () => makeAuthority({ subject: 'Many', key: 'p-384' }))]
      },
    ],
    [
      'all correctly signed, but none may sign',
      'not_a_ca',
      () => {
        const key = middle.privateKeyPem
        const certificates = Array.from({ length: 9 }, () =>
          issueAuthority(root, { subject: 'Root', privateKeyPem: root.privateKeyPem }),
        )
        return [
          [issue(root), ...certificates],
          [
            makeAuthority({ subject: 'Root', privateKeyPem: root.privateKeyPem, basicConstraints: null }),
            issueAuthority(root, { privateKeyPem: key }),
          ],
        ]
      },
    ],
  ])('refuses quickly: %s', async (_, reason, prepare) => {
    const [presented, anchors] = prepare()
    const trustStore = storeOf(anchors)
    const input = { presented: presented.map(({ der }) => der), trustStore, revocations: nothingRevoked, at }
    expect(judgeChain(input)).toMatchObject({ trusted: false, reason })
    expect(await costMs(() => void judgeChain(input), 50)).toBeLessThan(50)
  })
})

describe('many authorities with one name', () => {
  test('reads only a few of them for one certificate, because reading one takes 0.1 ms', () => {
    const anchors = Array.from({ length: 100 }, () => makeAuthority({ subject: 'Many' }))
    const [own = makeAuthority()] = anchors.slice(-1)
    const { trusted, read } = readFor(issue(own), anchors)
    expect(trusted).toBe(true)
    expect(read).toBeLessThan(30)
  })

  test('reads no more than are tried if they also share one key', () => {
    const own = makeAuthority({ subject: 'Many' })
    const { privateKeyPem } = own
    const anchors = Array.from({ length: 270 }, () => makeAuthority({ subject: 'Many', privateKeyPem }))
    const { trusted, read } = readFor(issue(own), anchors)
    expect(trusted).toBe(true)
    expect(read).toBeLessThan(260)
  })
})

/** Returns how many anchors were parsed to judge this certificate. */
function readFor(leaf: Issued, anchors: readonly Issued[]) {
  const trustStore = storeOf(anchors)
  const read = new Set<string>()
  for (const stored of trustStore.byFingerprint.values()) {
    const { certificate, fingerprint } = stored
    stored.certificate = () => {
      read.add(fingerprint)
      return certificate()
    }
  }
  const verdict = judgeChain({ presented: [leaf.der], trustStore, revocations: nothingRevoked, at })
  return { trusted: verdict.trusted, read: read.size }
}
