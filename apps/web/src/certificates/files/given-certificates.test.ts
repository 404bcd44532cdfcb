import { maxUploadBytes } from '@gatehouse/contract/certificates/authorities'
import { ApiProblem } from '@gatehouse/contract/client'
import { describe, expect, test } from 'vitest'
import { readFiles, readTyped } from './given-certificates.ts'

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
const hexBytes = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
const utf16 = (text: string) => new Uint8Array(Buffer.from(text, 'utf16le'))
const withoutSpace = (text: string) => text.replace(/\s/g, '')

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

describe('named for what they are', () => {
  test.each<[string, BlobPart, string, string]>([
    ['PKCS#12', hexBytes('300d020103300806062a864886f70d'), 'key_store', 'may contain a private key'],
    ['JKS without a key', hexBytes('feedfeed0000000200000000'), 'key_store', 'keytool -exportcert'],
    ['JKS with a key', hexBytes('feedfeed000000020000000100000001'), 'private_key', 'It stayed in this browser'],
    ['a ZIP archive', hexBytes('504b0304140000000800'), 'not_a_certificate', 'This is a ZIP archive'],
    ['a PDF document', '%PDF-1.7 …', 'not_a_certificate', 'This is a PDF document'],
    ['a page', '<!doctype html><title>Sign in</title>', 'not_a_certificate', 'This is an HTML page'],
    ['a key for SSH', 'ssh-ed25519 AAAAC3Nz me@here', 'not_a_certificate', 'This is an SSH key'],
    ['DER that was cut off', derOf(first).subarray(0, 99), 'not_a_certificate', 'It is cut off'],
    ['PEM without its beginning', first.slice(40), 'not_a_certificate', 'It is cut off'],
  ])('%s', async (_what, content, code, words) => {
    const problem = await problemOf(() => readFiles([new File([content], 'given.bin')]))
    expect(problem).toMatchObject({ code, detail: expect.stringContaining(words) })
    expect(problem?.requestId).toBe('')
  })

  test('UTF-16 without a mark is read', async () => {
    expect((await readFiles([new File([utf16(first)], 'first.pem')])).text).toBe(first)
  })

  test('PEM in base64 is read, and a key in it is not taken', async () => {
    expect(readTyped(btoa(first)).text).toBe(first)
    expect(await problemOf(() => readTyped(btoa(key)))).toMatchObject({ code: 'private_key' })
  })
})

test('base64 without its armour', () => {
  expect(withoutSpace(readTyped(base64Of(first)).text)).toBe(withoutSpace(first))
})

test('names the source of a refused text, and never repeats the text', async () => {
  const problem = await problemOf(() => readTyped(key))
  expect(problem?.detail).toContain('the pasted text')
  expect(JSON.stringify(problem)).not.toContain('MC4CAQ')
})
