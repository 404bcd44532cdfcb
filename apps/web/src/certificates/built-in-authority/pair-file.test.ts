import { expect, test } from 'vitest'
import { readPairFile } from './pair-file.ts'

const bytesOf = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
const pem =
  '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nMC4C\n-----END PRIVATE KEY-----\n'

test('PEM with certificate and key stays as it is, also in UTF-16', async () => {
  expect(await readPairFile(new File([pem], 'ca.pem'))).toBe(pem)
  expect(await readPairFile(new File([new Uint8Array(Buffer.from(pem, 'utf16le'))], 'ca.pem'))).toBe(pem)
})

test('a certificate in DER gets its armour', async () => {
  const der = bytesOf('3014300da0030201020201013003060129300003010030000000'.slice(0, 44))
  expect(await readPairFile(new File([der], 'ca.der'))).toMatch(/^-----BEGIN CERTIFICATE-----\n/)
})

test.each([
  ['a key store', '300d020103300806062a864886f70d', 'key_store', 'openssl pkcs12 -in ca.p12 -out ca.pem'],
  ['a key in DER', '302e020100300506032b6570042204200000', 'not_a_private_key', 'openssl pkey -inform DER'],
  ['a ZIP archive', '504b0304140000000800', 'not_a_certificate', 'This is a ZIP archive'],
])('%s is named, with what to do', async (_what, hex, code, words) => {
  await expect(readPairFile(new File([bytesOf(hex)], 'ca.bin'))).rejects.toMatchObject({
    code,
    problem: { detail: expect.stringContaining(words) },
  })
})
