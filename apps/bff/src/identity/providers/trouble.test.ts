// @postgres
/** What the overview says about identity providers. */
import { identityProviders } from '@gatehouse/contract/identity/providers'
import { overview } from '@gatehouse/contract/operations/overview'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Browser, TestApp } from '../../../test/app.ts'
import type { BackDoor } from '../../../test/back-door.ts'
import { addDirectory, type Provisioning, startProvisioningApp } from '../../../test/provisioning.ts'

let app: TestApp
let admin: Browser['call']
let world: Provisioning
let door: BackDoor
let stop: () => Promise<void>
beforeAll(async () => {
  ;({ app, admin, world, door, stop } = await startProvisioningApp())
})
afterAll(() => stop())

const providers = async () => (await admin(overview.view, {})).providers

it('names a directory that could not be checked for changes, until it is disabled', async () => {
  const id = await addDirectory(admin, 'unreachable', { settings: { urls: ['ldaps://127.0.0.1:1'] } })
  expect(await providers()).toEqual([])
  await admin(identityProviders.sweep, { params: { id } }).catch(() => {})
  expect(await providers()).toEqual([{ id, label: 'unreachable', trouble: 'not-checked', since: null, users: 0 }])
  await admin(identityProviders.update, { params: { id }, body: { kind: 'ldap', enabled: false } })
  expect(await providers()).toEqual([])
})

it('counts users with tokens in the last tenth of the time for which their sign-in counts', async () => {
  const id = await addDirectory(admin, 'direct', { settings: { bind: 'direct', userRdn: 'uid' } })
  await world.provide(id, { subject: 'e-1', username: 'soon' })
  const daysAgo = async (days: number) => {
    const at = new Date(app.now().getTime() - days * 86_400_000).toISOString()
    await door.run(`update user_identities set last_provider_sign_in_at = '${at}'`)
    return providers()
  }
  expect(await daysAgo(28)).toEqual([])
  await door.openToken('soon')
  expect(await daysAgo(28)).toEqual([{ id, label: 'direct', trouble: 'ending', since: null, users: 1 }])
  expect(await daysAgo(26)).toEqual([])
  expect(await daysAgo(31)).toEqual([])
})
