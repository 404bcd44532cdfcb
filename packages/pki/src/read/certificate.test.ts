import { X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { issue, issueAuthority, type KeyKind, makeAuthority } from '../testing/certificates.ts'
import { longestPauseMs } from '../testing/time.ts'
import { readBundle } from './certificate.ts'

const root = makeAuthority({ subject: 'Root' })
const middle = issueAuthority(root, { subject: 'Middle' })
const leaf = issue(middle)

describe('readBundle', () => {
  test('agrees with Node for every kind of key', async () => {
    const kinds: KeyKind[] = [
      'rsa-1024',
      'rsa-2048',
      'p-224',
      'p-256',
      'p-384',
      'p-521',
      'secp256k1',
      'ed25519',
      'ed448',
    ]
    for (const key of kinds) {
      const { der, certificatePem } = makeAuthority({ key, subject: `Root ${key}` })
      const [info] = await readBundle(der)
      const other = new X509Certificate(der)
      expect(info).toMatchObject({
        fingerprint: other.fingerprint256.replaceAll(':', '').toLowerCase(),
        fingerprintSha1: other.fingerprint.replaceAll(':', '').toLowerCase(),
        subject: other.subject,
        issuer: other.issuer,
        commonName: `Root ${key}`,
        organization: null,
        selfSigned: true,
        isAuthority: other.ca,
        notBefore: '2020-01-01T00:00:00Z',
        notAfter: '2049-12-31T23:59:59Z',
      })
      expect(Number(`0x${info?.serialNumber}`)).toBe(Number(`0x${other.serialNumber}`))
      expect(info?.pem).toBe(certificatePem)
    }
  })

  test.each<[KeyKind, string, string]>([
    ['rsa-1024', 'RSA 1024', 'SHA256 with RSA'],
    ['rsa-2048', 'RSA 2048', 'SHA256 with RSA'],
    ['p-224', 'ECDSA P-224', 'ECDSA with SHA256'],
    ['p-384', 'ECDSA P-384', 'ECDSA with SHA256'],
    ['ed25519', 'Ed25519', 'Ed25519'],
    ['ed448', 'Ed448', 'Ed448'],
  ])('labels the signature of %s', async (key, keyAlgorithm, signatureAlgorithm) => {
    const [info] = await readBundle(makeAuthority({ key, subject: `Root ${key}` }).der)
    expect(info).toMatchObject({ keyAlgorithm, signatureAlgorithm })
  })

  test('reads a leaf with all extensions', async () => {
    const { der } = issue(middle, {
      subject: [
        [{ type: 'O', value: 'Werk, "3"' }],
        [
          { type: 'CN', value: 'a\u202eb\0\n ' },
          { type: 'OU', value: '#1' },
        ],
      ],
      alternativeNames: ['a.example', '192.0.2.1', '2001:db8::1'],
      extendedKeyUsage: ['clientAuth', '1.2.3.4'],
      extraExtensions: [{ oid: '1.2.3.4.5', critical: true, value: Buffer.from([5, 0]) }],
    })
    const [info] = await readBundle(der)
    expect(info).toMatchObject({
      subject: String.raw`CN=a\e2\80\aeb\00\0a\ +OU=\#1,O=Werk\, \"3\"`,
      issuer: 'CN=Middle',
      commonName: String.raw`a\e2\80\aeb\00\0a `,
      organization: 'Werk, "3"',
      selfSigned: false,
      isAuthority: false,
      pathLength: null,
      keyUsage: ['digitalSignature'],
      extendedKeyUsage: ['clientAuth', '1.2.3.4'],
      subjectAlternativeNames: ['DNS:a.example', 'IP:192.0.2.1', 'IP:2001:db8::1'],
      unknownCriticalExtensions: ['1.2.3.4.5'],
    })
    const [middleInfo] = await readBundle(middle.der)
    expect(info?.authorityKeyIdentifier).toBe(middleInfo?.subjectKeyIdentifier)
  })

  test('does not report a certificate as self-signed if only the names match', async () => {
    const [forged] = await readBundle(makeAuthority({ isForged: true }).der)
    expect(forged?.selfSigned).toBe(false)
    const [sameName] = await readBundle(issueAuthority(root, { subject: 'Root' }).der)
    expect(sameName?.selfSigned).toBe(false)
  })

  test('reads 2,000 certificates without blocking the event loop', async () => {
    const { privateKeyPem } = leaf
    const many = Array.from({ length: 2000 }, () => issue(root, { privateKeyPem }).certificatePem).join('')
    const longestMs = await longestPauseMs(async () => {
      expect(await readBundle(many)).toHaveLength(2000)
    }, 30)
    // The rule is 10 ms; the rest is for the garbage collector.
    expect(longestMs).toBeLessThan(30)
  })
})

describe('a time', () => {
  test.each<[string, string | null]>([
    ['500101000000Z', '1950-01-01T00:00:00Z'],
    ['491231235959Z', '2049-12-31T23:59:59Z'],
    ['280229000000Z', '2028-02-29T00:00:00Z'],
    ['270229000000Z', null],
    ['260431000000Z', null],
    ['260100000000Z', null],
    ['261301000000Z', null],
    ['260101240000Z', null],
    ['260101006000Z', null],
    ['260101000060Z', null],
    ['2601010000Z', null],
    ['260101000000+0100', null],
  ])('%s is %s', async (text, expected) => {
    const der = Buffer.from(makeAuthority({ notBefore: new Date('2030-01-01T00:00:00Z') }).der)
    // The signature does not match any more, but it is not checked here.
    const place = der.indexOf('300101000000Z')
    const changed =
      text.length === 13 ? Buffer.concat([der.subarray(0, place), Buffer.from(text), der.subarray(place + 13)]) : null
    const read = changed
      ? await readBundle(changed).then(
          ([info]) => info?.notBefore,
          () => null,
        )
      : null
    expect(read).toBe(expected)
  })
})
