import { describe, expect, test } from 'vitest'
import { type Issued, issue, issueAuthority, makeAuthority, type Recipe } from '../testing/certificates.ts'
import { type Anchors, at, future, outcome, past, storeOf } from '../testing/chain.ts'
import { writeBitString, writeSequence } from '../testing/der-writer.ts'
import { judgeChain } from './chain.ts'
import { nothingRevoked } from './revocations.ts'

const root = makeAuthority({ subject: 'Root' })
const middle = issueAuthority(root, { subject: 'Middle' })
const other = makeAuthority({ subject: 'Other' })
const rsaRoot = makeAuthority({ subject: 'RSA', key: 'rsa-2048' })
const version1 = makeAuthority({ subject: 'Version 1', version: 1 })
const unknownCritical: Recipe = { extraExtensions: [{ oid: '1.2.3', critical: true, value: writeSequence() }] }
const nameConstraints: Recipe = { extraExtensions: [{ oid: '2.5.29.30', critical: true, value: writeSequence() }] }
const notCaWithPathLength: Recipe = { basicConstraints: { isAuthority: false, pathLength: 0 } }
const criticalRevocationPoints: Recipe = {
  extraExtensions: [{ oid: '2.5.29.31', critical: true, value: writeSequence() }],
}
const malformedNetscapeType: Recipe = {
  extraExtensions: [{ oid: '2.16.840.1.113730.1.1', critical: false, value: writeSequence() }],
}

function netscapeType(bits: number): Recipe {
  const value = writeBitString(Buffer.from([bits]))
  return { extraExtensions: [{ oid: '2.16.840.1.113730.1.1', critical: true, value }] }
}

function chainOf(length: number, recipe: (index: number) => Recipe = () => ({})): Issued[] {
  const certificates = [root]
  for (let i = 1; i <= length; i++) {
    certificates.unshift(issueAuthority(certificates[0] ?? root, { subject: `Intermediate ${i}`, ...recipe(i) }))
  }
  return certificates
}

describe('accepts', () => {
  const selfIssued = issueAuthority(root, { subject: 'Root' })
  const pathZero = makeAuthority({ subject: 'Zero', basicConstraints: { isAuthority: true, pathLength: 0 } })
  const zeroRollover = issueAuthority(pathZero, { subject: 'Zero' })
  const long = chainOf(6)
  test.each<[string, Issued[], Anchors]>([
    ['under a root', [issue(root)], [root]],
    ['under a root that the client also sent', [issue(root), root], [root]],
    ['under an intermediate', [issue(middle), middle], [root]],
    ['presented in any order', [issue(middle), other, root, middle], [root]],
    ['presented twice', [issue(middle), middle, middle], [root]],
    ['an intermediate as anchor, without its root', [issue(middle)], [middle]],
    ['under an intermediate and a root that are both anchors', [issue(middle), middle], [root, middle]],
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
    ['no basic constraints', [issue(root, { basicConstraints: null })], [root]],
    ['a leaf with CA:FALSE and keyCertSign', [issue(root, { keyUsage: ['digitalSignature', 'keyCertSign'] })], [root]],
    [
      'a leaf with CA:TRUE and without keyCertSign',
      [issue(root, { basicConstraints: { isAuthority: true }, keyUsage: ['digitalSignature'] })],
      [root],
    ],
    ['a serial number that starts with a zero byte', [issue(root, { serialNumber: Buffer.from([0, 0x85]) })], [root]],
    ['key agreement', [issue(root, { keyUsage: ['keyAgreement'] })], [root]],
    ['an authority key identifier of no known key', [issue(root, { authorityKeyIdentifier: 'wrong' })], [root]],
    [
      'a root that signs itself with SHA-1',
      [issue(makeAuthorityAs('SHA-1', 'rsa-2048', 'sha1'))],
      [makeAuthorityAs('SHA-1', 'rsa-2048', 'sha1')],
    ],
    ['path length 0, leaf below', [issue(pathZero)], [pathZero]],
    ['path length 0, a self-issued certificate in between', [issue(zeroRollover), zeroRollover], [pathZero]],
    ['a self-issued key rollover', [issue(selfIssued), selfIssued], [root]],
    ['eight certificates', [issue(long[0] ?? root), ...long.slice(0, -1)], [root]],
    ['the last second of validity', [issue(root, { notAfter: at })], [root]],
    ['the first second of validity', [issue(root, { notBefore: at })], [root]],
    ['CA:FALSE with a path length', [issue(root, notCaWithPathLength)], [root]],
    ['critical CRL distribution points', [issue(root, criticalRevocationPoints)], [root]],
    ['critical Netscape type for clients', [issue(root, netscapeType(0x80))], [root]],
    ['unreadable bytes beside the chain', [issue(root), { ...root, der: Buffer.from('rubbish') }], [root]],
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

/** A leaf and the one authority that signed it. */
function below(recipe: Recipe): [Issued[], Anchors] {
  const anchor = makeAuthority({ subject: 'Anchor', ...recipe })
  return [[issue(anchor)], [anchor]]
}

function withSkewOfAMinute(leaf: Issued) {
  const facts = { trustStore: storeOf([root]), revocations: nothingRevoked, at, clockSkewMs: 60_000 }
  return judgeChain({ ...facts, presented: [leaf.der] })
}

function after(ms: number): Date {
  return new Date(at.getTime() + ms)
}

describe('with a clock skew of one minute', () => {
  test('accepts a certificate that begins within the skew, and refuses a later one', () => {
    expect(withSkewOfAMinute(issue(root, { notBefore: after(60_000) }))).toMatchObject({ trusted: true })
    expect(withSkewOfAMinute(issue(root, { notBefore: after(61_000) }))).toMatchObject({ reason: 'not_yet_valid' })
  })

  test('refuses a certificate that has expired', () => {
    expect(withSkewOfAMinute(issue(root, { notAfter: past }))).toMatchObject({ reason: 'expired' })
  })
})

describe('refuses with the reason and the subject', () => {
  const under = (recipe: Recipe) => issueAuthority(root, { subject: 'Middle', ...recipe })
  const through = (recipe: Recipe): Issued[] => {
    const certificate = under(recipe)
    return [issue(certificate), certificate]
  }
  const pathZero = makeAuthority({ subject: 'Zero', basicConstraints: { isAuthority: true, pathLength: 0 } })
  const belowZero = issueAuthority(pathZero, { subject: 'Below' })
  const belowVersion1 = issueAuthority(version1, { subject: 'Below' })
  const long = chainOf(7)
  const impostor = makeAuthority({ subject: 'Root' })
  const signingMiddle = under({ keyUsage: ['digitalSignature', 'keyCertSign'] })
  const clientMiddle = under({ keyUsage: ['digitalSignature', 'keyCertSign'], extendedKeyUsage: ['clientAuth'] })
  const leafAsAuthority = issue(root, { subject: 'bob' })
  test.each<[string, string, Issued[], Anchors]>([
    ['no_certificate', 'nothing', [], [root]],
    ['empty_trust_store', 'no authority is trusted', [issue(root)], []],
    ['malformed', 'unreadable bytes', [{ ...root, der: Buffer.from('rubbish') }], [root]],
    [
      'malformed',
      'unreadable bytes instead of the issuer',
      [issue(middle), { ...root, der: middle.der.subarray(0, -1) }],
      [root],
    ],
    ['malformed', 'a padded serial number', [issue(root, { serialNumber: Buffer.from([0, 5]) })], [root]],
    [
      'malformed',
      'a padded negative serial number',
      [issue(root, { serialNumber: Buffer.from([0xff, 0x85]) })],
      [root],
    ],
    ['malformed', 'an empty serial number', [issue(root, { serialNumber: Buffer.alloc(0) })], [root]],
    ['too_many_certificates', 'eleven', Array.from({ length: 11 }, () => root), [root]],
    ['unknown_authority CN=alice', 'another authority', [issue(other)], [root]],
    ['unknown_authority CN=alice', 'another authority that the client sent', [issue(other), other], [root]],
    ['unknown_authority CN=alice', 'self-signed', [makeAuthority({ subject: 'alice' })], [root]],
    ['unknown_authority CN=alice', 'the intermediate is missing', [issue(middle)], [root]],
    [
      'unknown_authority CN=alice',
      'another authority with the same name and another key identifier',
      [issue(impostor)],
      [root],
    ],
    // The issuer may be an unknown authority of the same name: without a key identifier nothing says which key was
    // meant.
    [
      'unknown_authority CN=alice',
      'another authority with the same name',
      [issue(impostor, { authorityKeyIdentifier: 'none' })],
      [root],
    ],
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
    ['path_too_long CN=Intermediate 7', 'nine certificates', [issue(long[0] ?? root), ...long.slice(0, -1)], [root]],
    ['wrong_usage CN=alice', 'for servers', [issue(root, { extendedKeyUsage: ['serverAuth'] })], [root]],
    ['wrong_usage CN=alice', 'may not sign', [issue(root, { keyUsage: ['keyEncipherment'] })], [root]],
    ['wrong_usage CN=Middle', 'an intermediate for servers', through({ extendedKeyUsage: ['serverAuth'] }), [root]],
    ['wrong_usage CN=Anchor', 'an anchor for servers', ...below({ extendedKeyUsage: ['serverAuth'] })],
    ['client_is_authority CN=Root', 'an anchor itself', [root], [root]],
    ['client_is_authority CN=Middle', 'an anchor itself, under another', [middle], [root, middle]],
    ['client_is_authority CN=Middle', 'an intermediate that may sign in TLS', [signingMiddle], [root]],
    ['client_is_authority CN=Middle', 'an intermediate without key usage', [under({ keyUsage: null })], [root]],
    ['client_is_authority CN=Middle', 'an intermediate for clients', [clientMiddle], [root]],
    ['client_is_authority CN=Middle', 'an intermediate that signs certificates only', [middle], [root]],
    ['weak_key CN=alice', 'RSA 1024', [issue(root, { key: 'rsa-1024' })], [root]],
    ['weak_key CN=alice', 'P-224', [issue(root, { key: 'p-224' })], [root]],
    ['weak_key CN=Middle', 'RSA 1024 intermediate', through({ key: 'rsa-1024' }), [root]],
    ['weak_key CN=Anchor', 'RSA 1024 anchor', ...below({ key: 'rsa-1024' })],
    ['unsupported_signature CN=alice', 'RSA with SHA-3', [issue(rsaRoot, { hash: 'sha3-256' })], [rsaRoot]],
    ['unsupported_signature CN=alice', 'ECDSA with SHA-3', [issue(root, { hash: 'sha3-256' })], [root]],
    [
      'unsupported_signature CN=alice',
      'SHA-3 without key identifiers',
      [issue(root, { hash: 'sha3-256', authorityKeyIdentifier: 'none' })],
      [root],
    ],
    ['unknown_authority CN=alice', 'SHA-3 under an unknown authority', [issue(rsaRoot, { hash: 'sha3-256' })], [root]],
    ['weak_signature CN=alice', 'SHA-1', [issue(rsaRoot, { hash: 'sha1' })], [rsaRoot]],
    ['weak_signature CN=alice', 'MD5', [issue(rsaRoot, { hash: 'md5' })], [rsaRoot]],
    ['weak_signature CN=alice', 'ECDSA with SHA-1', [issue(root, { hash: 'sha1' })], [root]],
    ['not_a_ca CN=Middle', 'CA:FALSE with a path length', through(notCaWithPathLength), [root]],
    ['wrong_usage CN=alice', 'Netscape type for servers', [issue(root, netscapeType(0x40))], [root]],
    ['malformed', 'a Netscape type that is no bit string', [issue(root, malformedNetscapeType)], [root]],
    ['unknown_critical_extension CN=alice', 'leaf', [issue(root, unknownCritical)], [root]],
    ['unknown_critical_extension CN=Middle', 'intermediate', through(unknownCritical), [root]],
    ['unknown_critical_extension CN=Anchor', 'anchor', ...below(unknownCritical)],
    ['name_constraints CN=Middle', 'intermediate', through(nameConstraints), [root]],
    ['name_constraints CN=Anchor', 'anchor', ...below(nameConstraints)],
  ])('%s: %s', (expected, _, presented, anchors) => {
    expect(outcome(presented, anchors)).toBe(expected)
  })
})
