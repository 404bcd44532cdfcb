import { expect, test } from 'vitest'
import { type Issued, issue, issueAuthority, makeAuthority } from '../testing/certificates.ts'
import { writeSequence } from '../testing/der-writer.ts'
import { nameConstraints } from '../testing/names.ts'
import { judgeAuthority } from './authority.ts'
import { readBundle } from './certificate.ts'

const at = new Date('2026-03-01T00:00:00Z')
const day = (offset: number) => new Date(at.getTime() + offset * 24 * 60 * 60 * 1000)
const root = makeAuthority()
const weakRoot = makeAuthority({ key: 'rsa-2048', subject: 'Old root' })
const unknown = { oid: '1.2.3', critical: true, value: writeSequence() }
const emptyConstraints = { oid: '2.5.29.30', critical: true, value: writeSequence() }

test.each<[string, Issued, string[], string[]]>([
  ['a root', root, [], []],
  ['RSA 2048', weakRoot, [], []],
  ['Ed25519', makeAuthority({ key: 'ed25519' }), [], []],
  ['path length 0', makeAuthority({ basicConstraints: { isAuthority: true, pathLength: 0 } }), [], []],
  ['self-signed with SHA-1', makeAuthority({ key: 'rsa-2048', subject: 'S', hash: 'sha1' }), [], []],
  ['an intermediate', issueAuthority(root), [], ['intermediate']],
  ['an intermediate under SHA-1', issueAuthority(weakRoot, { hash: 'sha1' }), [], ['intermediate', 'weak_signature']],
  [
    'an intermediate under SHA-3',
    issueAuthority(weakRoot, { hash: 'sha3-256' }),
    [],
    ['intermediate', 'unsupported_signature'],
  ],
  ['version 1', makeAuthority({ version: 1 }), [], ['version_1']],
  [
    'an intermediate of version 1',
    issueAuthority(root, { version: 1 }),
    ['not_a_ca'],
    ['intermediate', 'no_key_identifier', 'no_key_usage'],
  ],
  [
    'version 1 with a false signature',
    makeAuthority({ version: 1, isForged: true }),
    ['not_a_ca'],
    ['intermediate', 'no_key_identifier', 'no_key_usage'],
  ],
  ['a leaf', issue(root), ['not_a_ca'], ['intermediate']],
  ['no basic constraints', makeAuthority({ basicConstraints: null }), ['not_a_ca'], []],
  ['without keyCertSign', makeAuthority({ keyUsage: ['digitalSignature'] }), ['not_a_ca'], []],
  ['no key usage', makeAuthority({ keyUsage: null }), [], ['no_key_usage']],
  ['no key identifier', makeAuthority({ hasSubjectKeyIdentifier: false }), [], ['no_key_identifier']],
  ['expired', makeAuthority({ notAfter: day(-1) }), ['expired'], []],
  ['ends now', makeAuthority({ notAfter: at }), [], ['expires_soon']],
  ['ends in 60 days', makeAuthority({ notAfter: day(60) }), [], ['expires_soon']],
  ['ends in 61 days', makeAuthority({ notAfter: day(61) }), [], []],
  ['begins tomorrow', makeAuthority({ notBefore: day(1) }), [], ['not_yet_valid']],
  ['RSA 1024', makeAuthority({ key: 'rsa-1024' }), ['weak_key'], []],
  ['P-224', makeAuthority({ key: 'p-224' }), ['weak_key'], []],
  ['for servers only', makeAuthority({ extendedKeyUsage: ['serverAuth'] }), ['wrong_usage'], []],
  ['for any usage', makeAuthority({ extendedKeyUsage: ['anyExtendedKeyUsage'] }), [], []],
  ['unknown critical extension', makeAuthority({ extraExtensions: [unknown] }), ['unknown_critical_extension'], []],
  ['unknown extension', makeAuthority({ extraExtensions: [{ ...unknown, critical: false }] }), [], []],
  ['name constraints that are empty', makeAuthority({ extraExtensions: [emptyConstraints] }), ['name_constraints'], []],
  [
    'name constraints',
    makeAuthority({ extraExtensions: [nameConstraints({ excluded: ['DNS:'] })] }),
    [],
    ['name_constraints'],
  ],
])('%s', async (_, { der }, problems, warnings) => {
  const [info] = await readBundle(der)
  expect(info && judgeAuthority(info, at)).toEqual({ problems, warnings })
})
