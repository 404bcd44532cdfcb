// The commands of tutorials for MQTT gateways and device fleets must make certificates that work.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { judgeChain, makeTrustStore } from '../judge/chain.ts'
import { nothingRevoked } from '../judge/revocations.ts'
import { judgeAuthority } from './authority.ts'
import { readBundle } from './certificate.ts'
import { readCommonName } from './common-name.ts'

const folders: string[] = []
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })))

function shell(script: string): (file: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'pki-tutorial-'))
  folders.push(folder)
  for (const name of ['ca', 'device']) {
    const commonName = name === 'ca' ? 'My CA' : 'device001'
    const subject = `commonName=${commonName}\norganizationName=My Organization\nemailAddress=me@example.com\ncountryName=NO\n`
    writeFileSync(join(folder, `${name}.conf`), `[req]\ndistinguished_name = dn\nprompt = no\n\n[dn]\n${subject}`)
  }
  execFileSync('sh', ['-ec', script], { cwd: folder, stdio: 'ignore' })
  return (file) => readFileSync(join(folder, file), 'utf8')
}

// openssl uses the real time, so the time of judging is read from its output.
async function expectSignsIn(authorityPem: string, devicePem: string) {
  const [authority] = await readBundle(authorityPem)
  const [device] = await readBundle(devicePem)
  if (!authority || !device) throw new Error('openssl made no certificate')
  const at = new Date(Date.parse(device.notBefore) + 60_000)
  const { fingerprint, der } = authority
  const trustStore = makeTrustStore([{ fingerprint, der, usernames: [] }])
  expect(judgeChain({ presented: [device.der], trustStore, revocations: nothingRevoked, at })).toMatchObject({
    trusted: true,
    authority: fingerprint,
  })
  expect(readCommonName(device.der)).toEqual({ ok: true, commonName: 'device001' })
  return { authority, device, verdict: judgeAuthority(authority, at) }
}

const keyCommands = {
  'RSA 2048': (file: string) => `openssl genrsa -out ${file} 2048`,
  'ECDSA P-256': (file: string) => `openssl ecparam -genkey -name prime256v1 -noout -out ${file}`,
  Ed25519: (file: string) => `openssl genpkey -algorithm ed25519 -out ${file}`,
}

test.each(Object.entries(keyCommands))('own authority, request, -set_serial 01: %s', async (label, makeKey) => {
  const read = shell(`
    ${makeKey('custom_ca.key')}
    openssl req -new -x509 -key custom_ca.key -out custom_ca.crt -config ca.conf -days 3650
    ${makeKey('anymachine-key.pem')}
    openssl req -new -config device.conf -key anymachine-key.pem -out anymachine.csr
    openssl x509 -req -in anymachine.csr -days 100 -CA custom_ca.crt -CAkey custom_ca.key -set_serial 01 > anymachine.crt
  `)
  const { device, authority } = await expectSignsIn(read('custom_ca.crt'), read('anymachine.crt'))
  expect(device).toMatchObject({ keyAlgorithm: label, version: 1, serialNumber: '01' })
  expect(authority.keyAlgorithm).toBe(label)
})

test('P-256 by ecparam with a bare configuration: version 1, self-signed root', async () => {
  const read = shell(`
    openssl ecparam -genkey -name P-256 -noout -out ca-private.key
    openssl req -new -x509 -key ca-private.key -out ca-cert.pem -config ca.conf -days $((365*10))
    openssl ecparam -genkey -name P-256 -noout -out device-private.key
    openssl req -new -key device-private.key -out device-cert.req -config device.conf
    openssl x509 -req -CA ca-cert.pem -CAkey ca-private.key -CAcreateserial -in device-cert.req -out device-cert.pem -days $((365*10))
  `)
  const { authority, device, verdict } = await expectSignsIn(read('ca-cert.pem'), read('device-cert.pem'))
  expect(authority).toMatchObject({ version: 1, keyAlgorithm: 'ECDSA P-256', selfSigned: true, isAuthority: false })
  expect(device.version).toBe(1)
  expect(verdict).toEqual({ problems: [], warnings: ['version_1'] })
})

test('an intermediate with an extension file', async () => {
  const read = shell(`
    printf 'basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign\n' > ext
    openssl req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.crt -subj '/CN=Root' -days 100
    openssl req -new -newkey rsa:2048 -nodes -keyout ca.key -out ca.csr -config ca.conf
    openssl x509 -req -in ca.csr -CA root.crt -CAkey root.key -CAcreateserial -extfile ext -out ca.crt -days 100
    openssl req -new -newkey rsa:2048 -nodes -keyout tls.key -out tls.csr -config device.conf
    openssl x509 -req -in tls.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out tls.crt -days 90 -sha256
  `)
  const { verdict } = await expectSignsIn(read('ca.crt'), read('tls.crt'))
  expect(verdict.problems).toEqual([])
  expect(verdict.warnings).toContain('intermediate')
})
