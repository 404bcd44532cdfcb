import { expect, test } from 'vitest'
import { isEncrypted, lowestOf, partsOf, takeIn } from './given-pair.ts'

const block = (label: string, content: string) => `-----BEGIN ${label}-----\n${content}\n-----END ${label}-----\n`
const certificate = block('CERTIFICATE', 'MIIB')
const above = block('CERTIFICATE', 'MIIC')
const none = { certificate: '', key: '' }

test.each(['PRIVATE KEY', 'EC PRIVATE KEY', 'RSA PRIVATE KEY', 'ENCRYPTED PRIVATE KEY'])(
  '%s in one file with certificates',
  (label) => {
    const key = block(label, 'MC4C')
    const file = `Bag Attributes\n${certificate}subject=/CN=x\n${key}\n${above}`
    expect(partsOf(file)).toEqual({ certificate: certificate + above, key })
    expect(isEncrypted(key)).toBe(label.startsWith('ENCRYPTED'))
  },
)

test('in two files, one after the other; the later one counts', () => {
  const [first, second] = [block('PRIVATE KEY', 'AAAA'), block('PRIVATE KEY', 'BBBB')]
  const pair = takeIn(takeIn(none, certificate), first)
  expect(pair).toEqual({ certificate, key: first })
  expect(takeIn(pair, second)).toEqual({ certificate, key: second })
  expect(takeIn(pair, 'words')).toEqual(pair)
})

test('in three files at once: those above it stay with it', () => {
  const key = block('PRIVATE KEY', 'AAAA')
  expect(takeIn({ certificate: 'before', key: '' }, certificate, key, above)).toEqual({
    certificate: certificate + above,
    key,
  })
})

test('the one that is given with those above it, in whatever order', () => {
  const root = { subject: 'CN=Root', issuer: 'CN=Root' }
  const middle = { subject: 'CN=Middle', issuer: 'CN=Root' }
  const own = { subject: 'CN=Issuing', issuer: 'CN=Middle' }
  expect(lowestOf([root, own, middle])).toBe(own)
  expect(lowestOf([root])).toBe(root)
  expect(lowestOf([])).toBeUndefined()
})

test('the older form of encryption', () => {
  expect(isEncrypted(block('RSA PRIVATE KEY', 'Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nMC4C'))).toBe(true)
  expect(isEncrypted(certificate)).toBe(false)
})
