/** An authority that is run with `openssl ca`, as many are. Its CRLs must work unchanged. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { revocationLists } from '@gatehouse/contract/certificates/crls'
import type { Call } from '@gatehouse/contract/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startApp, type TestApp } from '../../../test/app.ts'
import { addMachine } from '../../../test/machines.ts'
import { connectClient } from '../../../test/mqtt-client.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-crl-'))
const shell = (script: string) => execFileSync('sh', ['-ec', script], { cwd: folder, stdio: 'pipe' })
const file = (name: string) => readFileSync(join(folder, name), 'utf8')

writeFileSync(
  join(folder, 'ca.conf'),
  `[ca]\ndefault_ca = plant\n[plant]\ndatabase = index.txt\nserial = serial\ncrlnumber = crlnumber\nnew_certs_dir = .
certificate = ca.pem\nprivate_key = ca.key\ndefault_md = sha256\ndefault_days = 365\ndefault_crl_days = 30\npolicy = any
crl_extensions = crl\n[any]\ncommonName = supplied\n[crl]\nauthorityKeyIdentifier = keyid\n`,
)
// Made before the server starts: it runs in this process and could not answer meanwhile.
shell(`
  touch index.txt; echo 1000 > serial; echo 01 > crlnumber
  openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj '/CN=Plant CA' -days 3650
  for name in device001 device002; do
    openssl req -newkey rsa:2048 -nodes -keyout $name.key -out $name.csr -subj /CN=$name
    openssl ca -batch -config ca.conf -in $name.csr -out $name.pem -notext
  done
  openssl ca -gencrl -config ca.conf -out empty.crl
  openssl ca -config ca.conf -revoke device001.pem -crl_reason keyCompromise
  openssl ca -gencrl -config ca.conf -out revoked.crl
  openssl crl -in revoked.crl -outform der -out revoked.der`)

let app: TestApp
let admin: Call
beforeAll(async () => {
  app = await startApp()
  admin = await app.as('admin')
  await admin(authorities.create, { body: { certificates: file('ca.pem') } })
  for (const username of ['device001', 'device002']) await addMachine(app, username)
})
afterAll(async () => {
  await app.stop()
  rmSync(folder, { recursive: true })
})

const port = () => Number(new URL(app.started.mqttsUrl ?? '').port)
const connect = (name: string) =>
  connectClient(port(), { tls: { cert: file(`${name}.pem`), key: file(`${name}.key`) } })

test('a device that openssl ca revoked is disconnected when the CRL is uploaded; another one stays connected', async () => {
  const { items } = await admin(authorities.list, { search: { search: 'Plant CA' } })
  const params = { fingerprint: items[0]?.fingerprint ?? '' }
  const [first, second] = await Promise.all([connect('device001'), connect('device002')])
  expect([await first?.connack(), await second?.connack()]).toEqual([0, 0])
  const empty = await admin(revocationLists.create, { params, body: { crl: file('empty.crl') } })
  expect(empty).toMatchObject({ number: '1', count: 0, warnings: [], disconnected: 0 })

  const crl = readFileSync(join(folder, 'revoked.der')).toString('base64')
  const revoked = await admin(revocationLists.create, { params, body: { crl } })
  expect(revoked).toMatchObject({ number: '2', count: 1, disconnected: 1 })
  await first?.closed
  expect(await second?.settle()).toBe(true)
  expect(await (await connect('device001')).connack()).toBeNull()
  // The download is byte-identical for openssl.
  writeFileSync(join(folder, 'back.pem'), await admin(revocationLists.download, { params: revoked }))
  expect(shell('openssl crl -in back.pem -CAfile ca.pem -noout -crlnumber').toString()).toContain('crlNumber=0x02')
  second?.socket.destroy()
})
