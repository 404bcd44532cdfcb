import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { issue, makeAuthority } from '../testing/certificates.ts'
import { at } from '../testing/chain.ts'
import { writeBoolean, writeElement, writeInteger, writeSequence, writeTime } from '../testing/der-writer.ts'
import { distributionPoint, type ListRecipe, makeRevocationList } from '../testing/revocation.ts'
import { longestPauseMs } from '../testing/time.ts'
import { toPem } from './certificate.ts'
import { readElementAt } from './der.ts'
import type { InputKind } from './input-kind.ts'
import { PkiError } from './pki-error.ts'
import { isOlderList, judgeRevocationList, type RevocationListProblem, readRevocationList } from './revocation-list.ts'

const maxBytes = 10 * 1024 * 1024
const root = makeAuthority({ subject: 'Root' })
const twin = makeAuthority({ subject: 'Root' })
const other = makeAuthority({ subject: 'Other' })

const read = (recipe: ListRecipe = {}, authority = root) =>
  readRevocationList(makeRevocationList(authority, recipe), maxBytes)
const serial = (number: bigint) => Buffer.from(readElementAt(writeInteger(number), 0).content)

async function refusal(input: string | Uint8Array): Promise<string | null> {
  try {
    await readRevocationList(input, maxBytes)
    return null
  } catch (error) {
    if (error instanceof PkiError) return error.code
    throw error
  }
}

test.each<[string, string, InputKind | null]>([
  ['a certificate', root.certificatePem, 'certificate'],
  ['a certificate in base64', Buffer.from(root.der).toString('base64'), 'certificate'],
  ['words', 'no list', null],
  ['half of one', toPem('X509 CRL', makeRevocationList(root)).slice(0, 200), 'cut_off'],
])('refuses %s, and says what it is', async (_what, input, given) => {
  await expect(readRevocationList(input, maxBytes)).rejects.toMatchObject({ code: 'not_a_revocation_list', given })
})

describe('a CRL', () => {
  test('has an issuer, dates, a number and the revoked serial numbers', async () => {
    const list = await read({ number: 4711n, entries: [7n, { serialNumber: 2n ** 159n - 1n, reason: 1 }] })
    expect(list).toMatchObject({
      issuer: 'CN=Root',
      number: '4711',
      thisUpdate: new Date('2026-02-01T00:00:00Z'),
      nextUpdate: new Date('2026-06-01T00:00:00Z'),
      scope: '',
      count: 2,
      signatureAlgorithm: 'ECDSA with SHA256',
      problem: null,
    })
    expect([7n, 2n ** 159n - 1n, 8n].map((number) => list.revoked.has(serial(number)))).toEqual([true, true, false])
  })

  test('is the same from PEM, base64 and DER', async () => {
    const der = makeRevocationList(root, { entries: [7n] })
    const forms = [
      der,
      toPem('X509 CRL', der),
      `# a comment\n${toPem('CRL', der)}`,
      Buffer.from(der).toString('base64'),
    ]
    const { fingerprint } = await readRevocationList(der, maxBytes)
    for (const form of forms) expect((await readRevocationList(form, maxBytes)).fingerprint).toBe(fingerprint)
  })

  test('may have version 1, no number and no next update', async () => {
    const list = await read({ version: 1, nextUpdate: null, entries: [7n] })
    expect(list).toMatchObject({ number: null, nextUpdate: null, count: 1, problem: null })
    expect(await judgeRevocationList(list, root.der, at)).toBeNull()
  })

  test('contains a serial number whatever leading zeros it was written with', async () => {
    const padded = await read({ entries: [{ serialNumber: Buffer.from('000000c3', 'hex') }, { serialNumber: 0n }] })
    const has = (hex: string) => padded.revoked.has(Buffer.from(hex, 'hex'))
    expect(['00c3', '0000c3', '00', '0000'].map(has)).toEqual([true, true, true, true])
    // The first one is negative: without its zero byte the number has another sign.
    expect(['c3', 'c300'].map(has)).toEqual([false, false])
  })

  test('revokes with every reason and date except removeFromCRL', async () => {
    const invalidity = { oid: '2.5.29.24', value: writeElement(0x18, Buffer.from('20200101000000Z')) }
    const list = await read({
      entries: [
        { serialNumber: 1n, reason: 6 },
        { serialNumber: 2n, reason: 1, extensions: [invalidity] },
        { serialNumber: 3n, revokedAt: new Date('2027-01-01T00:00:00Z') },
        { serialNumber: 4n, reason: 8 },
        { serialNumber: 5n, reason: 8 },
        { serialNumber: 5n, reason: 1 },
      ],
    })
    expect([1n, 2n, 3n, 4n, 5n].map((number) => list.revoked.has(serial(number)))).toEqual([
      true,
      true,
      true,
      false,
      true,
    ])
  })

  test('of a part of the certificates has the scope of that part', async () => {
    const users = await read({ extensions: [distributionPoint(0x81)] })
    const authorities = await read({ extensions: [distributionPoint(0x82)] })
    expect(users.problem).toBeNull()
    expect(new Set([users.scope, authorities.scope, '']).size).toBe(3)
  })
})

describe('input that is not a CRL', () => {
  const der = makeRevocationList(root, { entries: [7n] })
  const entryWith = (oid: string, value: Uint8Array) =>
    makeRevocationList(root, { entries: [{ serialNumber: 7n, extensions: [{ oid, value }] }] })
  test.each<[string, string | Uint8Array, string]>([
    ['nothing', '', 'empty'],
    ['words', 'not a list', 'not_a_revocation_list'],
    ['a certificate', root.certificatePem, 'not_a_revocation_list'],
    ['a certificate as DER', root.der, 'not_a_revocation_list'],
    ['a certificate under the label of a CRL', toPem('X509 CRL', root.der), 'not_a_revocation_list'],
    ['two lists', toPem('X509 CRL', der) + toPem('X509 CRL', der), 'not_a_revocation_list'],
    ['a CRL with trailing blocks', Buffer.concat([der, Buffer.from([0])]), 'not_a_revocation_list'],
    ['a CRL that is cut off', der.subarray(0, -1), 'not_a_revocation_list'],
    ['a private key', root.privateKeyPem, 'private_key'],
    ['a private key after a CRL', toPem('X509 CRL', der) + root.privateKeyPem, 'private_key'],
    ['too much', Buffer.alloc(maxBytes + 1, 0x30), 'too_large'],
    [
      'extensions in version 1',
      makeRevocationList(root, { version: 1, entries: [{ serialNumber: 7n, reason: 1 }] }),
      'not_a_revocation_list',
    ],
    ['an unknown reason', entryWith('2.5.29.21', writeElement(0x0a, Buffer.from([11]))), 'not_a_revocation_list'],
    ['a reason that is a number', entryWith('2.5.29.21', writeInteger(1)), 'not_a_revocation_list'],
    ['an invalidity date as UTCTime', entryWith('2.5.29.24', writeTime(at)), 'not_a_revocation_list'],
    [
      'a negative number',
      makeRevocationList(root, {
        number: null,
        extensions: [{ oid: '2.5.29.20', value: writeElement(2, Buffer.from([0xff])) }],
      }),
      'not_a_revocation_list',
    ],
    [
      'two numbers',
      makeRevocationList(root, { extensions: [{ oid: '2.5.29.20', value: writeInteger(2) }] }),
      'not_a_revocation_list',
    ],
    [
      'a malformed scope',
      makeRevocationList(root, { extensions: [{ oid: '2.5.29.28', value: writeSequence(writeBoolean(true)) }] }),
      'not_a_revocation_list',
    ],
  ])('is refused: %s', async (_, input, code) => {
    expect(await refusal(input)).toBe(code)
  })
})

describe('the CRL of an authority', () => {
  const unknown = { oid: '1.2.3', critical: true, value: writeSequence() }
  const rsa = makeAuthority({ subject: 'RSA', key: 'rsa-2048' })
  const certifier = makeAuthority({ subject: 'Certifier', keyUsage: ['keyCertSign'] })
  const silent = makeAuthority({ subject: 'Silent', keyUsage: null })
  const crossSigned = makeAuthority({ subject: 'Root', privateKeyPem: root.privateKeyPem, serialNumber: 99n })

  test.each<[string, RevocationListProblem | null, ListRecipe, typeof root?, typeof root?]>([
    ['its own', null, {}],
    ['accepted: with entries', null, { entries: [1n, { serialNumber: 2n, reason: 4 }] }],
    ['accepted: for another certificate of the same key', null, {}, root, crossSigned],
    ['accepted: of an authority without key usage', null, {}, silent, silent],
    ['accepted: without a key identifier', null, { authorityKeyIdentifier: 'none' }],
    ['with RSA', null, {}, rsa, rsa],
    [
      'accepted: with an unknown extension that is not critical',
      null,
      { extensions: [{ ...unknown, critical: false }] },
    ],
    ['accepted: next update has passed', null, { nextUpdate: new Date('2026-02-02T00:00:00Z') }],
    ['accepted: this update at the latest allowed time', null, { thisUpdate: at }],
    ['another’s', 'wrong_issuer', {}, other],
    ['of an authority with the same name and another key', 'wrong_issuer', {}, twin],
    [
      'of an authority with the same name, without key identifiers',
      'bad_signature',
      { authorityKeyIdentifier: 'none' },
      twin,
    ],
    ['signed by the right key under another name', 'wrong_issuer', { issuer: other }],
    ['forged', 'bad_signature', { isForged: true }],
    ['with SHA-1', 'weak_signature', { hash: 'sha1' }, rsa, rsa],
    ['with MD5', 'weak_signature', { hash: 'md5' }, rsa, rsa],
    ['with SHA-3', 'unsupported_signature', { hash: 'sha3-256' }, rsa, rsa],
    ['of an authority without cRLSign', 'not_a_list_signer', {}, certifier, certifier],
    ['with this update in the future', 'not_yet_valid', { thisUpdate: new Date(at.getTime() + 600_000) }],
    ['a delta', 'delta', { extensions: [{ oid: '2.5.29.27', critical: true, value: writeInteger(1) }] }],
    [
      'a delta CRL whose indicator is not critical',
      'delta',
      { extensions: [{ oid: '2.5.29.27', value: writeInteger(1) }] },
    ],
    ['indirect', 'indirect', { extensions: [distributionPoint(0x84)] }],
    [
      'with entries of another issuer',
      'indirect',
      { entries: [{ serialNumber: 1n, extensions: [{ oid: '2.5.29.29', critical: true, value: writeSequence() }] }] },
    ],
    ['of attribute certificates', 'attributes_only', { extensions: [distributionPoint(0x85)] }],
    ['with an unknown critical extension', 'unknown_critical_extension', { extensions: [unknown] }],
    [
      'with an unknown critical extension of an entry',
      'unknown_critical_extension',
      { entries: [1n, { serialNumber: 2n, extensions: [unknown] }] },
    ],
  ])('is judged: %s', async (_, problem, recipe, signer = root, authority = root) => {
    expect(await judgeRevocationList(await read(recipe, signer), authority.der, at)).toBe(problem)
  })

  test('is refused if a client signed it with its own key', async () => {
    const device = issue(root, { subject: 'Root' })
    expect(await judgeRevocationList(await read({ authorityKeyIdentifier: 'none' }, device), root.der, at)).toBe(
      'bad_signature',
    )
  })
})

test.each([
  ['a lower number', { number: 4n }, true],
  ['the same', {}, false],
  ['a higher number', { number: 6n }, false],
  ['an earlier date', { number: 6n, thisUpdate: new Date('2026-01-31T23:59:59Z') }, true],
  ['a later date', { thisUpdate: new Date('2026-02-01T00:00:01Z') }, false],
  ['without a number', { number: null, thisUpdate: new Date('2026-02-02T00:00:00Z') }, true],
  ['a number above 2^53', { number: 2n ** 159n }, false],
])('older: %s', async (_, next, isOlder) => {
  const held = await read({ number: 5n })
  expect(isOlderList(await read({ number: 5n, ...next }), held)).toBe(isOlder)
})

test('replaces one without a number if it has one', async () => {
  expect(isOlderList(await read({ number: 1n }), await read({ number: null }))).toBe(false)
})

test('with 100,000 entries is read without blocking the thread', async () => {
  const numbers = Array.from({ length: 100_000 }, () => BigInt(`0x41${randomBytes(19).toString('hex')}`))
  const entries = numbers.map((serialNumber) => ({ serialNumber, reason: 1 }))
  const pem = toPem('X509 CRL', makeRevocationList(root, { entries }))
  let list: Awaited<ReturnType<typeof read>> | undefined
  const pauseMs = await longestPauseMs(async () => {
    list = await readRevocationList(pem, maxBytes)
    expect(await judgeRevocationList(list, root.der, at)).toBeNull()
  }, 50)
  expect(pauseMs).toBeLessThan(50)
  expect(list?.count).toBe(numbers.length)
  expect(numbers.every((number) => list?.revoked.has(serial(number)))).toBe(true)
  expect(list?.revoked.has(randomBytes(20))).toBe(false)
})
