// @postgres
/** If the installation has its own server certificate, the built-in authority signs only clients. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { builtInAuthority } from '@gatehouse/contract/certificates/built-in-authority'
import { issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { expect, it } from 'vitest'
import { startApp } from '../../../test/app.ts'

it('the server certificate stays the same when the built-in authority is replaced, also by one for clients only', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-given-'))
  const [cert, key] = [join(folder, 'tls.crt'), join(folder, 'tls.key')]
  const server = issue(makeAuthority({ subject: 'Public CA' }), { subject: 'plant', extendedKeyUsage: ['serverAuth'] })
  await writeFile(cert, server.certificatePem)
  await writeFile(key, server.privateKeyPem)
  const app = await startApp({ GATEHOUSE_TLS_CERT: cert, GATEHOUSE_TLS_KEY: key })
  const admin = await app.as('admin')
  const clients = makeAuthority({ subject: 'Clients', extendedKeyUsage: ['clientAuth'] })
  const body = { certificate: clients.certificatePem, key: clients.privateKeyPem }
  expect(await admin(builtInAuthority.replace, { body })).toMatchObject({
    authority: { fingerprint: clients.fingerprint },
    server: { isGiven: true, issuer: 'CN=Public CA', fingerprint: server.fingerprint },
    overlap: { serverUntil: null },
  })
  await app.restart()
  const { server: after } = await (await app.as('admin'))(builtInAuthority.view, {})
  expect(after.fingerprint).toBe(server.fingerprint)
  await app.stop()
  await rm(folder, { recursive: true })
})
