/** Input that is not a certificate, request or CRL is refused with the same words everywhere, and changes nothing. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { builtInAuthority } from '@gatehouse/contract/certificates/built-in-authority'
import { certificates } from '@gatehouse/contract/certificates/check'
import { revocationLists } from '@gatehouse/contract/certificates/crls'
import type { InputKind } from '@gatehouse/contract/certificates/input-kinds'
import { clientCertificates } from '@gatehouse/contract/certificates/issued'
import { revocations } from '@gatehouse/contract/certificates/revocations'
import type { Call } from '@gatehouse/contract/client'
import type { ErrorCode } from '@gatehouse/contract/errors'
import { toPem } from '@gatehouse/pki/read/certificate'
import { issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { javaStore } from '@gatehouse/pki/testing/key-store'
import { makeRevocationList } from '@gatehouse/pki/testing/revocation'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refused, startApp, type TestApp } from '../../../test/app.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'
import { addMachine } from '../../../test/machines.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-given-'))
const openssl = (...options: string[]) => execFileSync('openssl', options, { cwd: folder, stdio: 'pipe' })

const authority = makeAuthority({ subject: 'Plant' })
const device = issue(authority, { subject: 'device001' })
writeFileSync(join(folder, 'own.pem'), device.certificatePem)
writeFileSync(join(folder, 'own.key'), device.privateKeyPem)
const store = (...options: string[]) =>
  openssl('pkcs12', '-export', '-in', 'own.pem', '-passout', 'pass:x', ...options).toString('base64')
const request = openssl('req', '-new', '-key', 'own.key', '-subj', '/CN=device001').toString()
const key = device.privateKeyPem

let app: TestApp
let door: BackDoor
let admin: Call
let userId: string
beforeAll(async () => {
  app = await startApp()
  door = openBackDoor(app)
  admin = await app.as('admin')
  await admin(authorities.create, { body: { certificates: authority.certificatePem } })
  userId = await addMachine(app, 'device001')
})
afterAll(async () => {
  await door.close()
  await app.stop()
  rmSync(folder, { recursive: true })
})

interface Place {
  field: string
  kind: InputKind
  otherwise: ErrorCode
  give: (text: string) => Promise<unknown>
}

const certificate = { kind: 'certificate', otherwise: 'not_a_certificate' } as const
const places: Record<string, Place> = {
  'uploading authorities': {
    ...certificate,
    field: 'certificates',
    give: (text) => admin(authorities.create, { body: { certificates: text } }),
  },
  'their inspection': {
    ...certificate,
    field: 'certificates',
    give: (text) => admin(authorities.inspect, { body: { certificates: text } }),
  },
  'checking a certificate': {
    ...certificate,
    field: 'certificates',
    give: (text) => admin(certificates.check, { body: { certificates: text } }),
  },
  'a revocation': {
    ...certificate,
    field: 'certificate',
    give: (text) => admin(revocations.create, { body: { certificate: text, reason: 'superseded' } }),
  },
  'replacing the built-in CA': {
    ...certificate,
    field: 'certificate',
    give: (text) => admin(builtInAuthority.replace, { body: { certificate: text, key } }),
  },
  'uploading a CRL': {
    kind: 'revocation_list',
    otherwise: 'not_a_crl',
    field: 'crl',
    give: (text) => admin(revocationLists.create, { params: authority, body: { crl: text } }),
  },
  'a request': {
    kind: 'certificate_request',
    otherwise: 'not_a_request',
    field: 'csr',
    give: (text) => admin(clientCertificates.create, { body: { csr: text, userId, days: 30 } }),
  },
}

const others: [InputKind, string][] = [
  ['certificate', device.certificatePem],
  ['certificate_request', request],
  ['revocation_list', toPem('X509 CRL', makeRevocationList(authority))],
  ['public_key', openssl('pkey', '-in', 'own.key', '-pubout').toString()],
  ['ssh_key', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHKt me@here'],
  ['cut_off', device.certificatePem.slice(0, 200)],
  ['zip', Buffer.from('504b0304140000000800', 'hex').toString('base64')],
  ['html', '<!doctype html><title>Sign in</title>'],
]

describe.each(Object.entries(places))('%s', (_what, { field, kind, otherwise, give }) => {
  async function refusedWithoutEffect(text: string, code: ErrorCode) {
    const before = await door.everything()
    const problem = await refused(give(text), code)
    expect(await door.everything()).toBe(before)
    expect(problem.fields).toEqual({ [field]: code })
    return problem
  }

  it.each(others.filter(([given]) => given !== kind))(
    'refuses %s with a message that names it',
    async (given, text) => {
      const { problem } = await refusedWithoutEffect(text, otherwise)
      expect(problem.facts).toMatchObject({ given })
    },
  )

  it.each([
    ['a PKCS#12 with certificates only', store('-nokeys')],
    ['a Java key store with certificates only', javaStore(device.der, [2]).toString('base64')],
  ])('refuses %s as a key store', async (_store, text) => {
    const { problem } = await refusedWithoutEffect(text, 'key_store')
    expect(problem.detail).toContain('Export its certificates as PEM')
  })

  it.each([
    ['a PKCS#12 with a key', store('-inkey', 'own.key')],
    ['a Java key store with a key', javaStore(device.der, [2, 1]).toString('base64')],
  ])('refuses %s as a private key', async (_store, text) => {
    await refusedWithoutEffect(text, 'private_key')
  })
})
