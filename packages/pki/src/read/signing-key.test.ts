// Keys as openssl writes them, and keys that would require too much work.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeAuthority } from '../testing/certificates.ts'
import { writeElement, writeInteger, writeOid, writeSequence } from '../testing/der-writer.ts'
import { costMs } from '../testing/time.ts'
import { toPem } from './certificate.ts'
import { isEncryptedKeyText, isKeyOf, readSigningKey, SigningKeyError } from './signing-key.ts'

const folder = mkdtempSync(join(tmpdir(), 'pki-keys-'))
afterAll(() => rmSync(folder, { recursive: true }))

const openssl = (...options: string[]) => execFileSync('openssl', options, { cwd: folder, stdio: 'pipe' })
const read = (file: string) => readFileSync(join(folder, file), 'utf8')

beforeAll(() => {
  openssl('ecparam', '-name', 'prime256v1', '-genkey', '-out', 'ec.pem')
  openssl('genrsa', '-traditional', '-out', 'rsa.pem', '2048')
  for (const [name, ...how] of [
    ['pkcs8.pem'],
    ['scrypt.pem', '-scrypt'],
    ['old.pem', '-v1', 'PBE-SHA1-3DES'],
    ['many.pem', '-iter', '600000'],
  ] as const) {
    openssl('pkcs8', '-topk8', '-in', 'ec.pem', '-passout', 'pass:secret', ...how, '-out', name)
  }
  openssl('rsa', '-in', 'rsa.pem', '-traditional', '-aes256', '-passout', 'pass:secret', '-out', 'legacy.pem')
})

function problemOf(text: string, password?: string): string {
  try {
    return readSigningKey(text, password).asymmetricKeyType ?? ''
  } catch (error) {
    if (!(error instanceof SigningKeyError)) throw error
    return error.problem
  }
}

describe('a key', () => {
  test.each(['p-256', 'p-384', 'p-521', 'rsa-2048', 'ed25519'] as const)('of %s is accepted', (key) => {
    const { privateKeyPem, der } = makeAuthority({ key, subject: `Signs with ${key}` })
    expect(isKeyOf(der, readSigningKey(privateKeyPem))).toBe(true)
    expect(isKeyOf(makeAuthority({ key, subject: `Another ${key}` }).der, readSigningKey(privateKeyPem))).toBe(false)
  })

  test.each(['secp256k1', 'p-224', 'ed448'] as const)('of %s is refused', (key) => {
    expect(problemOf(makeAuthority({ key }).privateKeyPem)).toBe('unsupported')
  })

  test('of RSA-PSS, or of a kind that cannot sign, is refused', () => {
    openssl('genpkey', '-algorithm', 'RSA-PSS', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', 'pss.pem')
    openssl('genpkey', '-algorithm', 'X25519', '-out', 'x.pem')
    expect([problemOf(read('pss.pem')), problemOf(read('x.pem'))]).toEqual(['unsupported', 'unsupported'])
  })

  test('is read with parameters before it or certificates around it', () => {
    expect(read('ec.pem')).toContain('BEGIN EC PARAMETERS')
    expect(problemOf(read('ec.pem'))).toBe('ec')
    expect(problemOf(makeAuthority().certificatePem + read('rsa.pem'))).toBe('rsa')
  })
})

describe('an encrypted key', () => {
  test.each(['pkcs8.pem', 'scrypt.pem', 'old.pem', 'many.pem', 'legacy.pem'])(
    'is read with its password: %s',
    (file) => {
      const text = read(file)
      expect(isEncryptedKeyText(text)).toBe(true)
      expect(problemOf(text)).toBe('password_required')
      expect(problemOf(text, '')).toBe('password_required')
      expect(problemOf(text, 'wrong')).toBe('wrong_password')
      expect(problemOf(text, 'secret')).toBe(file === 'legacy.pem' ? 'rsa' : 'ec')
    },
  )

  test('that requires a billion hashes is refused without work', async () => {
    const salt = writeElement(0x04, Buffer.alloc(8))
    const kdf = writeSequence(writeOid('1.2.840.113549.1.5.12'), writeSequence(salt, writeInteger(1_000_000_000)))
    const scheme = writeSequence(writeOid('2.16.840.1.101.3.4.1.42'), writeElement(0x04, Buffer.alloc(16)))
    const algorithm = writeSequence(writeOid('1.2.840.113549.1.5.13'), writeSequence(kdf, scheme))
    const hostile = toPem('ENCRYPTED PRIVATE KEY', writeSequence(algorithm, writeElement(0x04, Buffer.alloc(128))))
    expect(await costMs(() => expect(problemOf(hostile, 'secret')).toBe('unsupported'), 50)).toBeLessThan(50)
  })
})

test.each([
  ['nothing', ''],
  ['a certificate', makeAuthority().certificatePem],
  ['a public key', '-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----\n'],
  ['an end that is missing', '-----BEGIN PRIVATE KEY-----\nMC4C'],
  ['rubbish', '-----BEGIN PRIVATE KEY-----\nMC4C\n-----END PRIVATE KEY-----\n'],
  ['too much', `${' '.repeat(70_000)}${makeAuthority().privateKeyPem}`],
])('refuses %s as a key', (_, text) => {
  expect(problemOf(text)).toBe('not_a_key')
  expect(isEncryptedKeyText(text)).toBe(false)
})

test('refuses a key that is cut off within its encryption, and says nothing of it', () => {
  const text = read('pkcs8.pem').replace(/\n.{20}/, '\n')
  const error = (() => {
    try {
      return readSigningKey(text, 'secret')
    } catch (caught) {
      return caught
    }
  })()
  expect(error).toBeInstanceOf(SigningKeyError)
  expect(String(error)).not.toMatch(/secret|[A-Za-z0-9+/]{20}/)
})
