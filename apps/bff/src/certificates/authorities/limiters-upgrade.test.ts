/** What the upgrade stores about limits that were set before authorities had `limited_by`. */
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { makeAuthority } from '@gatehouse/pki/testing/certificates'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { goodPassword, startApp, type TestApp } from '../../../test/app.ts'
import { up } from '../../platform/db/migrations/0015-authority-confirmations.ts'
import { openDatabase } from '../../platform/db/open.ts'

let app: TestApp
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.stop())

it('stores the user who uploaded it, unless that user is an administrator or was deleted', async () => {
  const admin = await app.as('admin')
  const permissions = [{ context: 'http' as const, resource: '/api/authorities/#', operation: 'readWrite' as const }]
  const gone = await admin(users.create, {
    body: { username: 'gone', password: goodPassword, mustChangePassword: false, permissions },
  })
  const { call } = app.browser()
  await call(session.signIn, { body: { username: 'gone', password: goodPassword } })
  const callers = { admin, operator: await app.as('operator'), gone: call }
  const made = new Map<string, string>()
  for (const [name, uploads] of Object.entries(callers)) {
    const { certificatePem, fingerprint } = makeAuthority({ subject: name })
    await uploads(authorities.create, { body: { certificates: certificatePem, usernames: [`${name}-*`] } })
    made.set(name, fingerprint)
  }
  await admin(users.remove, { params: { id: gone.id } })

  const { ddl, close } = await openDatabase(app.database)
  await sql`drop table authority_confirmations`.execute(ddl)
  await sql`alter table authorities drop column limited_by`.execute(ddl)
  await up(ddl as never)
  await close()
  await app.restart()

  const signedIn = await app.as('admin')
  const limitedBy = async (name: string) =>
    (await signedIn(authorities.view, { params: { fingerprint: made.get(name) ?? '' } })).limitedBy?.username
  expect(await limitedBy('operator')).toBe('operator')
  expect(await limitedBy('admin')).toBeUndefined()
  expect(await limitedBy('gone')).toBeUndefined()
})
