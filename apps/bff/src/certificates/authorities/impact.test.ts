/**
 * What a change of an authority ends: counted for exactly this change, also for clients that are not connected; and
 * which authorities would still vouch.
 */
import { authorities } from '@gatehouse/contract/certificates/authorities'
import type { AuthorityImpact } from '@gatehouse/contract/certificates/impact'
import { revocations } from '@gatehouse/contract/certificates/revocations'
import type { Call } from '@gatehouse/contract/client'
import { identityProviders } from '@gatehouse/contract/identity/providers'
import { users } from '@gatehouse/contract/identity/users'
import { type Issued, issue, issueAuthority, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startApp, type TestApp } from '../../../test/app.ts'
import { freshAdmin } from '../../../test/authenticator.ts'
import { openBackDoor } from '../../../test/back-door.ts'
import { eventually } from '../../../test/broker-world.ts'
import { addMachine, connectMachine, trust } from '../../../test/machines.ts'
import { openProvisioning } from '../../../test/provisioning.ts'

const plant = makeAuthority({ subject: 'Plant' })
// The same name and key in a new certificate: it also vouches for what the old one signed.
const renewed = makeAuthority({ subject: 'Plant', privateKeyPem: plant.privateKeyPem })
const line = issueAuthority(plant, { subject: 'Line 3' })
const names = ['line-3-away', 'line-3-here', 'line-4-away', 'off', 'no-grant', 'revoked', 'moved-on', 'below']

let app: TestApp
let admin: Call
const ids = new Map<string, string>()
beforeAll(async () => {
  app = await startApp()
  admin = await app.as('admin')
  await trust(app, plant)
  for (const name of names) {
    ids.set(name, await addMachine(app, name))
    await comeWith(
      name === 'below' ? withIntermediate(issue(line, { subject: name })) : issue(plant, { subject: name }),
    )
  }
  const own = issue(plant, { subject: 'revoked' })
  await comeWith(own)
  await admin(revocations.create, { body: { certificate: own.certificatePem, reason: 'superseded' } })
  await change('off', { disabled: true })
  await change('no-grant', { grantTypes: [] })
  const other = makeAuthority({ subject: 'Other' })
  await trust(app, other)
  await comeWith(issue(other, { subject: 'moved-on' }))
  await connectMachine(app, issue(plant, { subject: 'line-3-here' })).then((client) => client.connack())
})
afterAll(() => app.stop())

const change = async (name: string, body: { disabled: true } | { grantTypes: [] }) =>
  admin(users.update, { params: { id: ids.get(name) ?? '' }, body })
const withIntermediate = (own: Issued) => ({ ...own, certificatePem: own.certificatePem + line.certificatePem })

async function comeWith(certificate: Issued): Promise<void> {
  const client = await connectMachine(app, certificate)
  expect(await client.connack()).toBe(0)
  client.socket.destroy()
}

function impact(body: { delete: true } | { usernames: string[] } = { delete: true }): Promise<AuthorityImpact> {
  return admin(authorities.impact, { params: plant, body })
}

describe('deleting an authority', () => {
  it('cuts off users whose last connection relied on it and who could connect again; not those who use another certificate, are disabled, or were revoked', async () => {
    const expected: AuthorityImpact = {
      connections: 1,
      connectionsByBroker: [
        { id: 'embedded', name: 'embedded', ends: 'concerned', connections: 1, admitsWithoutRights: false },
      ],
      usernames: ['line-3-here'],
      userCount: 1,
      lastAdmitted: {
        users: 4,
        cutOff: 4,
        usernames: ['below', 'line-3-away', 'line-3-here', 'line-4-away'],
        stillVouchedForBy: [],
      },
    }
    // The broker reports every few seconds; wait until the last connection is recorded.
    await eventually(async () => expect(await impact()).toEqual(expected))
  })

  it('keeps users whom another authority identifies, also one uploaded later, and names it', async () => {
    await admin(authorities.create, { body: { certificates: line.certificatePem, name: 'Line' } })
    expect((await impact()).lastAdmitted).toMatchObject({
      cutOff: 3,
      stillVouchedForBy: [{ fingerprint: line.fingerprint, name: 'Line', users: 1 }],
    })
    await admin(authorities.create, { body: { certificates: renewed.certificatePem, name: 'Plant 2' } })
    const { connections, lastAdmitted } = await impact()
    expect(connections).toBe(0)
    expect(lastAdmitted).toMatchObject({ users: 4, cutOff: 0, usernames: [] })
    expect(lastAdmitted?.stillVouchedForBy.reduce((sum, { users: count }) => sum + count, 0)).toBe(4)
    await admin(authorities.remove, { params: renewed })
    await admin(authorities.remove, { params: line })
  })
})

it('cuts off users outside a new limit, and no user when the limit is widened', async () => {
  const { connections, lastAdmitted } = await impact({ usernames: ['line-4-*', 'below'] })
  expect(connections).toBe(1)
  expect(lastAdmitted).toMatchObject({ users: 4, cutOff: 2, usernames: ['line-3-away', 'line-3-here'] })
  // The authority still vouches for them, so no other one is named.
  expect(lastAdmitted?.stillVouchedForBy).toEqual([])
  expect((await impact({ usernames: [] })).lastAdmitted).toMatchObject({ users: 4, cutOff: 0 })
})

it('does not count users of a disabled identity provider, unless it keeps their certificates', async () => {
  const settings = { urls: ['ldaps://directory.example'], bindDn: 'cn=gatehouse', searchBase: 'dc=plant' }
  const freshly = await freshAdmin(app)
  const provider = { kind: 'ldap' as const, name: 'plant', label: 'plant', secret: 'secret', settings }
  const { id } = await freshly(identityProviders.create, { body: provider })
  const world = await openProvisioning(app)
  await world.provide(id, { subject: 'e-1', username: 'other' })
  await world.close()
  const door = openBackDoor(app)
  const below = "(select id from users where username = 'below')"
  await door.run(`update user_identities set user_id = ${below}`)
  await door.run(`update users set identity_provider = 'ldap:plant' where username = 'below'`)
  await door.close()
  const set = (body: { enabled?: boolean; keepsCertificates?: boolean }) =>
    freshly(identityProviders.update, { params: { id }, body: { kind: 'ldap', ...body } })
  expect((await impact()).lastAdmitted).toMatchObject({ users: 4 })
  await set({ enabled: false })
  expect((await impact()).lastAdmitted).toMatchObject({ users: 3, usernames: expect.not.arrayContaining(['below']) })
  await set({ keepsCertificates: true })
  expect((await impact()).lastAdmitted).toMatchObject({ users: 4 })
})

it('the filter by name lists authorities that vouch for it: trusted, not expired, without a limit or within it', async () => {
  const made = {
    named: makeAuthority({ subject: 'Named' }),
    other: makeAuthority({ subject: 'Of others' }),
    wrongCase: makeAuthority({ subject: 'In another case' }),
    ending: makeAuthority({ subject: 'Ending', notAfter: new Date(Date.now() + 86_400_000) }),
  }
  await trust(app, made.named, ['x', 'line-3-*'])
  await trust(app, made.other, ['line-4-*'])
  await trust(app, made.wrongCase, ['LINE-3-*'])
  await trust(app, made.ending)
  const search = { 'vouchesFor[eq]': 'line-3-press', sort: 'name' } as const
  const listed = async () => (await admin(authorities.list, { search })).items.map(({ name }) => name)
  expect(await listed()).toEqual(['Ending', 'Gatehouse', 'Named', 'Other', 'Plant'])
  const { items } = await admin(authorities.list, { search: { search: 'Gatehouse' } })
  const [builtIn] = items
  await admin(authorities.update, {
    params: { fingerprint: builtIn?.fingerprint ?? '' },
    ifMatch: builtIn?.version ?? 0,
    body: { withdrawn: true },
  })
  expect(await listed()).toEqual(['Ending', 'Named', 'Other', 'Plant'])
})
