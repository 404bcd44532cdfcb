import { expect, test } from 'vitest'
import { judgeChain } from '../judge/chain.ts'
import { nothingRevoked } from '../judge/revocations.ts'
import { makeClientRequest } from '../make/client-request.ts'
import { type Issued, issue, issueAuthority, makeAuthority, type SubjectAttribute } from '../testing/certificates.ts'
import { at, outcome, storeOf } from '../testing/chain.ts'
import { retag, writeElement, writeOid, writeSequence } from '../testing/der-writer.ts'
import { makeRevocationList } from '../testing/revocation.ts'
import { readBundle } from './certificate.ts'
import { readRequest } from './certificate-request.ts'
import { readCommonName } from './common-name.ts'
import { expectTag, readChildren, readOnly, tags } from './der.ts'
import { readRevocationList } from './revocation-list.ts'

const root = makeAuthority({ subject: 'Root' })
const many = 2_000

const attribute = (value: string): SubjectAttribute => ({ type: 'CN', value })
const withSubject = (subject: SubjectAttribute[][]) => issue(root, { subject })
const withExtension = (oid: string, value: Uint8Array) =>
  issue(root, { extraExtensions: [{ oid, critical: false, value }] })
const repeat = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i))

const floods: [string, Issued[]][] = [
  ['a name of thousands of parts', [withSubject(repeat(many, (i) => [attribute(`${i}`)]))]],
  ['a name of 33 parts', [withSubject(repeat(33, (i) => [attribute(`${i}`)]))]],
  ['a part of thousands of attributes', [withSubject([repeat(many, (i) => attribute(`${i}`))])]],
  ['35 attributes in several parts', [withSubject(repeat(7, () => repeat(5, (i) => attribute(`${i}`))))]],
  ['a long name', [withSubject([[attribute('x'.repeat(5_000))]])]],
  ['an issuer of thousands of parts', [issue(makeAuthority({ subject: repeat(many, (i) => [attribute(`${i}`)]) }))]],
  [
    'thousands of extensions',
    [
      issue(root, {
        extraExtensions: repeat(many, (i) => ({ oid: `1.2.${i}`, critical: false, value: root.der.slice(0, 2) })),
      }),
    ],
  ],
  ['a long extension', [withExtension('1.2.3', writeElement(0x04, Buffer.alloc(40_000)))]],
  ['thousands of extended usages', [issue(root, { extendedKeyUsage: repeat(many, (i) => `1.3.6.1.4.1.${i}`) })]],
  [
    'an intermediate whose name has thousands of parts',
    [
      issue(makeAuthority({ subject: 'Stranger' })),
      issueAuthority(root, { subject: repeat(many, (i) => [attribute(`${i}`)]) }),
    ],
  ],
  ['more bytes than a chain has', [issue(root), ...repeat(3, () => withExtension('1.2.3', Buffer.alloc(30_000)))]],
]

test.each(floods)('refuses %s as too large', (_, presented) => {
  expect(outcome(presented, [root])).toBe('certificate_too_large')
})

test.each(floods)('reads %s with no more work than a usual certificate of an unknown client', (_, presented) => {
  const trustStore = storeOf([root])
  const chains = [presented, [issue(makeAuthority({ subject: 'Stranger' }))]].map((chain) =>
    chain.map(({ der }) => der),
  )
  const [flood = 0, ordinary = 0] = chains.map((chain) =>
    cpuUs(() => {
      judgeChain({ presented: chain, trustStore, revocations: nothingRevoked, at })
      readCommonName(chain[0] ?? root.der)
    }),
  )
  // Without the limits it took two hundred times as long.
  expect(flood / ordinary).toBeLessThan(6)
})

function replaceSubject(request: Uint8Array, subject: Uint8Array): Buffer {
  const [info, ...signature] = readChildren(readOnly(request, tags.sequence))
  const [version, , ...rest] = readChildren(expectTag(info, tags.sequence))
  const parts = [version?.raw ?? subject, subject, ...rest.map(({ raw }) => raw)]
  return Buffer.from(writeSequence(writeSequence(...parts), ...signature.map(({ raw }) => raw)))
}

/** CPU milliseconds of this thread for a thousand calls, so that other programs on the machine do not count. */
function cpuUs(work: () => void): number {
  for (let i = 0; i < 50; i++) work()
  const before = process.threadCpuUsage()
  for (let i = 0; i < 1_000; i++) work()
  const { user, system } = process.threadCpuUsage(before)
  return user + system
}

test('accepts a name of 32 parts and an extension of 16 KiB', () => {
  const subject = [...repeat(31, (i) => [{ type: 'OU', value: `unit ${i}` }]), [attribute('alice')]]
  expect(outcome([issue(root, { subject })], [root])).toBe('ok')
  expect(outcome([withExtension('1.2.3', writeElement(0x04, Buffer.alloc(16_384)))], [root])).toBe('ok')
})

test('refuses an upload with a name of thousands of parts as too large', async () => {
  const { certificatePem } = withSubject(repeat(many, (i) => [attribute(`${i}`)]))
  await expect(readBundle(root.certificatePem + certificatePem)).rejects.toMatchObject({
    code: 'too_large',
    position: 2,
  })
})

test('refuses an upload with thousands of alternative names as too large', async () => {
  const { certificatePem } = issue(root, { alternativeNames: repeat(many, (i) => `${i}.example`) })
  await expect(readBundle(certificatePem)).rejects.toMatchObject({ code: 'too_large' })
})

test('refuses a CRL whose issuer has thousands of parts as too large', async () => {
  const issuer = makeAuthority({ subject: repeat(many, (i) => [attribute(`${i}`)]) })
  const der = makeRevocationList(root, { issuer })
  await expect(readRevocationList(der, 10 * 1024 * 1024)).rejects.toMatchObject({ code: 'too_large' })
})

test('refuses a request whose subject has thousands of parts as too large', async () => {
  const { request } = await makeClientRequest('ECDSA P-256', 'device001')
  const part = retag(0x31, writeSequence(writeSequence(writeOid('2.5.4.3'), writeElement(0x0c, Buffer.from('x')))))
  const flood = replaceSubject(request, writeSequence(...repeat(many, () => part)))
  expect(() => readRequest(flood.toString('base64'))).toThrow(expect.objectContaining({ code: 'too_large' }))
})
