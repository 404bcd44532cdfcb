import { maxUploadBytes } from '@gatehouse/contract/authorities'
import { ApiProblem } from '@gatehouse/contract/client'
import { describe, expect, test } from 'vitest'
import { keepOnly, readFiles, readText } from './given-certificates.ts'

// Made with openssl: Ed25519, CA:TRUE.
const first = `-----BEGIN CERTIFICATE-----
MIIBPDCB76ADAgECAhQ+/M9d1zBjhiY+WedUBwpbqQZUcTAFBgMrZXAwEzERMA8G
A1UEAwwIRmlyc3QgQ0EwIBcNMjYxMTIyMDMzMTQxWhgPMjEyNjEwMjkwMzMxNDFa
MBMxETAPBgNVBAMMCEZpcnN0IENBMCowBQYDK2VwAyEAGkuRsGnSm63kcF4FqHiU
T2hEDY3jx/bzTGfmiVF7zcmjUzBRMB0GA1UdDgQWBBR10pYPey2He/PFerVaXsrj
6jWAnTAfBgNVHSMEGDAWgBR10pYPey2He/PFerVaXsrj6jWAnTAPBgNVHRMBAf8E
BTADAQH/MAUGAytlcANBADCtGZFL6x4SlO3NqNvm940OVfLunxFnk3oJstUe/uGv
xNuzD3fT9GMDNOx10bd/nvqZdaauw1LdGn8JpN07fgE=
-----END CERTIFICATE-----
`
const second = `-----BEGIN CERTIFICATE-----
MIIBPjCB8aADAgECAhQdJLhkgGUgpSJYejdEk/ZFI2AFhDAFBgMrZXAwFDESMBAG
A1UEAwwJU2Vjb25kIENBMCAXDTI2MTEyMjAzMzE0MloYDzIxMjYxMDI5MDMzMTQy
WjAUMRIwEAYDVQQDDAlTZWNvbmQgQ0EwKjAFBgMrZXADIQA/gmFSxKnv7cFWTFe7
dANqpq/MzMtrBQIwrIkV9B//EaNTMFEwHQYDVR0OBBYEFNQa6k4Cuy72MqNSvLav
gLA+2RBmMB8GA1UdIwQYMBaAFNQa6k4Cuy72MqNSvLavgLA+2RBmMA8GA1UdEwEB
/wQFMAMBAf8wBQYDK2VwA0EAJFG9rVo7H4eLfSn9FTJZx3aSH2SvSFkMoPm8//2L
S5LeRmfp1fn9OXDYAntJtGzdX3HzjZKszLWEG+sZYE4DAQ==
-----END CERTIFICATE-----
`
const key =
  '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n-----END PRIVATE KEY-----\n'

const derOf = (pem: string) =>
  Uint8Array.from(atob(pem.replace(/-----[^-]+-----|\s/g, '')), (character) => character.charCodeAt(0))
const base64Of = (pem: string) => pem.replace(/-----[^-]+-----|\s/g, '')
const filled = (length: number, head: number[] = []) => Uint8Array.from({ length }, (_, at) => head[at] ?? 0x41)
const withoutSpace = (text: string) => text.replace(/\s/g, '')

async function fingerprintOf(pem: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', derOf(pem))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

async function problemOf(read: () => unknown) {
  try {
    await read()
    return null
  } catch (error) {
    if (error instanceof ApiProblem) return error.problem
    throw error
  }
}

describe('files', () => {
  test('PEM stays as it is', async () => {
    expect(await readFiles([new File([first], 'first.pem')])).toEqual({ text: first, source: 'first.pem' })
  })

  test('DER gets its armour', async () => {
    const { text } = await readFiles([new File([derOf(first)], 'first.der')])
    expect(withoutSpace(text)).toBe(withoutSpace(first))
  })

  test('PKCS#7 is named as such', async () => {
    const { text } = await readFiles([new File([new Uint8Array([0x30, 0x04, 0x06, 0x02, 0x2a, 0x03])], 'first.p7b')])
    expect(text).toMatch(/^-----BEGIN PKCS7-----\n/)
  })

  test('several become one text', async () => {
    const { text, source } = await readFiles([new File([derOf(first)], 'a.der'), new File([second], 'b.pem')])
    expect(source).toBe('2 files')
    expect(withoutSpace(text)).toBe(withoutSpace(first + second))
  })

  test('UTF-16, as some editors of Windows save', async () => {
    const bytes = new Uint8Array(2 + 2 * first.length)
    bytes.set([0xff, 0xfe])
    for (let at = 0; at < first.length; at++) bytes[2 + 2 * at] = first.charCodeAt(at)
    expect((await readFiles([new File([bytes], 'first.pem')])).text).toBe(first)
  })

  test.each<[string, BlobPart, string]>([
    ['a picture', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), 'not_a_certificate'],
    ['nothing', '', 'not_a_certificate'],
    ['words', 'These are words, and nothing else.', 'not_a_certificate'],
    ['a key', key, 'private_key'],
    ['a key as DER', derOf(key), 'private_key'],
    ['a key among certificates', first + key, 'private_key'],
    ['too much', filled(maxUploadBytes + 1), 'too_large'],
    ['too much once it is text', filled(3_600_000, [0x30, 0x83, 0x36, 0xee, 0x7b, 0x30]), 'too_large'],
  ])('%s', async (_what, content, code) => {
    expect(await problemOf(() => readFiles([new File([content], 'given')]))).toMatchObject({ code })
  })
})

test('base64 without its armour', () => {
  expect(withoutSpace(readText(base64Of(first)).text)).toBe(withoutSpace(first))
})

test('a refusal names where it was, and never repeats what it was', async () => {
  const problem = await problemOf(() => readText(key))
  expect(problem?.detail).toContain('the pasted text')
  expect(JSON.stringify(problem)).not.toContain('MC4CAQ')
})

describe('keeping some', () => {
  const both = `# two\n${first}${second}`

  test('exactly those', async () => {
    const fingerprint = await fingerprintOf(first)
    expect(await keepOnly(both, new Set([fingerprint]))).toBe(first)
  })

  test('not where one is not found', async () => {
    const fingerprints = new Set([await fingerprintOf(first), '0'.repeat(64)])
    expect(await keepOnly(both, fingerprints)).toBeNull()
  })
})
