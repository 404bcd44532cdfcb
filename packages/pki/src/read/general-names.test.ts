// The texts must be those that openssl prints for the same bytes. No decision depends on them.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { isIssuedBy } from '../judge/issued-by.ts'
import { issue, issueAuthority, makeAuthority } from '../testing/certificates.ts'
import { readBundle } from './certificate.ts'

const folder = mkdtempSync(join(tmpdir(), 'pki-names-'))
afterAll(() => rmSync(folder, { recursive: true }))

const extensions = `
[ca]
basicConstraints = critical, CA:TRUE, pathlen:1
keyUsage = critical, keyCertSign, cRLSign
nameConstraints = critical, permitted;DNS:.plant.example, permitted;IP:10.0.0.0/255.0.0.0, excluded;email:evil.example, excluded;IP:2001:db8::/ffff:ffff::, permitted;dirName:name
crlDistributionPoints = URI:http://crl.plant.example/root.crl, URI:ldap://ldap.plant.example/cn=root
authorityInfoAccess = OCSP;URI:http://ocsp.plant.example, caIssuers;URI:http://plant.example/root.crt
[name]
O = Plant
[req]
distinguished_name = name
`

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
}

test('reads the names and locations of an authority made by openssl', async () => {
  writeFileSync(join(folder, 'openssl.cnf'), extensions)
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'ca.key']
  openssl(
    'req',
    '-x509',
    ...key,
    '-subj',
    '/CN=Plant CA',
    '-config',
    'openssl.cnf',
    '-extensions',
    'ca',
    '-out',
    'ca.crt',
  )
  const [info] = await readBundle(readFileSync(join(folder, 'ca.crt')))
  expect(info).toMatchObject({
    pathLength: 1,
    nameConstraints: {
      permitted: ['DNS:.plant.example', 'IP:10.0.0.0/255.0.0.0', 'dirName:O=Plant'],
      excluded: ['email:evil.example', 'IP:2001:db8::/ffff:ffff::'],
    },
    revocationPoints: ['URI:http://crl.plant.example/root.crl', 'URI:ldap://ldap.plant.example/cn=root'],
    informationAccess: ['OCSP URI:http://ocsp.plant.example', 'issuer URI:http://plant.example/root.crt'],
    criticalExtensions: ['basicConstraints', 'keyUsage', 'nameConstraints'],
  })
})

test('returns nothing for a certificate without them', async () => {
  const [info] = await readBundle(makeAuthority().der)
  expect(info).toMatchObject({
    nameConstraints: null,
    revocationPoints: [],
    informationAccess: [],
    criticalExtensions: ['basicConstraints', 'keyUsage'],
  })
})

test('shows unreadable extensions as empty and does not refuse the certificate', async () => {
  const rubbish = Buffer.from([0x30, 0x03, 0x02, 0x01, 0x05])
  const extraExtensions = ['2.5.29.30', '2.5.29.31', '1.3.6.1.5.5.7.1.1', '1.2.3'].map((oid) => ({
    oid,
    critical: oid === '1.2.3',
    value: rubbish,
  }))
  const [info] = await readBundle(makeAuthority({ extraExtensions }).der)
  expect(info).toMatchObject({ revocationPoints: [], informationAccess: [] })
  expect(info?.criticalExtensions).toContain('1.2.3')
})

test('decides by the signature, not by the name, which authority signed a certificate', () => {
  const [root, twin] = [makeAuthority({ subject: 'Root' }), makeAuthority({ subject: 'Root' })]
  const middle = issueAuthority(root, { subject: 'Middle' })
  expect(isIssuedBy(middle.der, root.der)).toBe(true)
  expect(isIssuedBy(middle.der, twin.der)).toBe(false)
  expect(isIssuedBy(root.der, root.der)).toBe(true)
  expect(isIssuedBy(issue(middle).der, root.der)).toBe(false)
  expect(isIssuedBy(Buffer.from('rubbish'), root.der)).toBe(false)
})
