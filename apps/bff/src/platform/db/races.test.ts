// @postgres
/** Two changes at the same moment. Each pair has one outcome on both databases, although PostgreSQL runs the reads side by side. */
import { everything } from '@gatehouse/contract/access/permission'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { revocationLists } from '@gatehouse/contract/certificates/crls'
import { mfa } from '@gatehouse/contract/identity/second-factors'
import { session } from '@gatehouse/contract/identity/sign-in'
import { userTransfer } from '@gatehouse/contract/identity/user-import'
import { type UserCreate, users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { settings } from '@gatehouse/contract/operations/settings'
import { toPem } from '@gatehouse/pki/read/certificate'
import { makeAuthority } from '@gatehouse/pki/testing/certificates'
import { makeRevocationList } from '@gatehouse/pki/testing/revocation'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Browser, startApp, type TestApp } from '../../../test/app.ts'
import { endsOf, freshAdmin, makeEnrolled, makeUser, signIn } from '../../../test/authenticator.ts'

let app: TestApp
let admin: Browser['call']
beforeAll(async () => {
  app = await startApp()
  admin = await freshAdmin(app)
})
afterAll(() => app.stop())

const machines = (name: string, count: number) =>
  Array.from({ length: count }, (_, at) => ({ username: `${name}-${at}` }))
const create = (username: string) => admin(users.create, { body: { username } })
const countUsers = async () => (await admin(users.list, {})).total ?? 0
const createBatch = (given: UserCreate[]) => admin(userTransfer.batch, { body: { users: given } })
const statesOf = async (calls: Promise<unknown>[]) =>
  (await Promise.allSettled(calls)).map(({ status }) => status).toSorted()

it('creates one user of two whose usernames differ only in case', async () => {
  expect(await statesOf([create('at-once'), create('AT-ONCE')])).toEqual(['fulfilled', 'rejected'])
})

it('creates one of two batches with a common username, as a whole', async () => {
  const before = await countUsers()
  expect(
    await statesOf(['left', 'right'].map((name) => createBatch([...machines(name, 100), { username: 'in-both' }]))),
  ).toEqual(['fulfilled', 'rejected'])
  expect(await countUsers()).toBe(before + 101)
})

it('stores an authority once that is uploaded twice', async () => {
  const { certificatePem } = makeAuthority({ subject: 'At once' })
  const upload = () => admin(authorities.create, { body: { certificates: certificatePem } })
  const both = await Promise.all([upload(), upload()])
  expect(both.map(({ added, existing }) => added.length + existing.length)).toEqual([1, 1])
  expect(both.flatMap(({ added }) => added)).toHaveLength(1)
})

it('keeps the newest of several CRLs of one authority', async () => {
  const plant = makeAuthority({ subject: 'Plant of races' })
  await admin(authorities.create, { body: { certificates: plant.certificatePem } })
  const upload = (minutesAgo: number) => {
    const thisUpdate = new Date(app.now().getTime() - minutesAgo * 60_000)
    const nextUpdate = new Date(app.now().getTime() + 86_400_000)
    const crl = toPem(
      'X509 CRL',
      makeRevocationList(plant, { thisUpdate, nextUpdate, number: 10n - BigInt(minutesAgo) }),
    )
    return admin(revocationLists.create, { params: plant, body: { crl } })
  }
  const ends = await endsOf([3, 1, 2].map(upload))
  expect(ends).toContain('admitted')
  const { items } = await admin(revocationLists.view, { params: plant })
  expect(items).toMatchObject([{ number: '9' }])
})

it('admits one of several sessions that show the same backup code', async () => {
  const { id, username, browser, backupCodes } = await makeEnrolled(app, 'racer')
  const browsers = [await signIn(app, username), await signIn(app, username), await signIn(app, username)]
  const use = ({ call }: Browser) => call(session.secondFactor, { body: { backupCode: backupCodes[0] ?? '' } })
  expect(await endsOf(browsers.map(use))).toEqual(['admitted', 'wrong_code', 'wrong_code'])
  const stages = await Promise.all(browsers.map(async ({ call }) => (await call(session.view, {})).stage))
  expect(stages.toSorted()).toEqual(['full', 'mfa-required', 'mfa-required'])
  expect((await browser.call(mfa.view, {})).backupCodesLeft).toBe(9)
  const { items } = await admin(audit.list, { search: { 'target[eq]': id } })
  expect(items.filter(({ action }) => action === 'backup-code.used')).toHaveLength(1)
})

it('refuses a change of policies when the rights were taken away while it waited', async () => {
  const { id } = await makeUser(app, 'waiting', { permissions: [...everything] })
  const { call } = await signIn(app, 'waiting')
  for (let n = 0; n < 3; n++) {
    await admin(users.update, { params: { id }, body: { permissions: [...everything] } })
    // A long transaction goes first. Both changes are authorised with the rights of now and then wait for it.
    const batch = createBatch(machines(`machine-${n}`, 500))
    await roundTrips(4)
    const demotion = admin(users.update, { params: { id }, body: { permissions: [] } })
    await roundTrips(2)
    const noFactor = { mfa: { requiredFor: 'nobody' as const, roles: [] } }
    const change = call(settings.update, { body: noFactor }).catch(() => null)
    await Promise.all([batch, demotion, change])
    const search = { limit: 1, 'targetType[eq]': 'settings' as const }
    const [changed] = (await admin(audit.list, { search })).items
    const [demoted] = (await admin(audit.list, { search: { limit: 1, 'target[eq]': id } })).items
    expect(demoted).toMatchObject({ action: 'user.updated', after: { permissions: [] } })
    // Ids rise with time: no change of policies comes after the demotion.
    expect((changed?.id ?? '') < (demoted?.id ?? '')).toBe(true)
  }
})

async function roundTrips(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await app.anyone(session.passwordPolicy, {})
}
