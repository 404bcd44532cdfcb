import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { readRequestFile, readRequestText } from './read-request.ts'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = (type: 'pkcs8' | 'pkcs1') => privateKey.export({ format: 'pem', type }).toString()
const der = new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' }))
// The beginning of one that openssl made, in its length: SEQUENCE { SEQUENCE { INTEGER 0, …
const request = new Uint8Array(0x259 + 4)
request.set([0x30, 0x82, 0x02, 0x59, 0x30, 0x82, 0x01, 0x41, 0x02, 0x01, 0x00, 0x30, 0x14, 0x31])

test('refuses a private key in any format', async () => {
  const given = [pem('pkcs8'), `words before\n${pem('pkcs1')}`, Buffer.from(der).toString('base64')]
  for (const text of given)
    expect(() => readRequestText(text, 'x')).toThrow(expect.objectContaining({ code: 'private_key' }))
  for (const content of [der, pem('pkcs8')]) {
    await expect(readRequestFile(new File([content], 'own.key'))).rejects.toMatchObject({ code: 'private_key' })
  }
})

test('a request is taken as it is, and from a binary file', async () => {
  const text = '-----BEGIN CERTIFICATE REQUEST-----\nMIIC\n-----END CERTIFICATE REQUEST-----\n'
  expect(await readRequestFile(new File([text], 'own.csr'))).toBe(text)
  expect(await readRequestFile(new File([request], 'own.der'))).toBe(Buffer.from(request).toString('base64'))
  expect(readRequestText('half a word', 'x')).toBe('half a word')
})

test('names another format', async () => {
  const list = new Uint8Array([0x30, 0x06, 0x30, 0x04, 0x30, 0x00, 0x30, 0x00, 0x17, 0x00])
  list[1] = 8
  list[3] = 6
  await expect(readRequestFile(new File([list], 'plant.crl'))).rejects.toMatchObject({
    code: 'not_a_request',
    problem: { detail: expect.stringContaining('This is a CRL') },
  })
  const half = request.subarray(0, 200)
  await expect(readRequestFile(new File([half], 'own.der'))).rejects.toMatchObject({
    problem: { detail: expect.stringContaining('It is cut off') },
  })
})

test('refuses a file that is larger than any request', async () => {
  await expect(readRequestFile(new File(['a'.repeat(65_537)], 'film.csr'))).rejects.toMatchObject({ code: 'too_large' })
})
