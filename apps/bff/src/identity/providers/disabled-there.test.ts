// @postgres
/** A user of a provider is disabled and enabled with its account there, unless an administrator decided otherwise. */
import { userChanges } from '@gatehouse/contract/identity/user-changes'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Browser } from '../../../test/app.ts'
import type { BackDoor } from '../../../test/back-door.ts'
import { addDirectory, type Provisioning, startProvisioningApp } from '../../../test/provisioning.ts'

let admin: Browser['call']
let world: Provisioning
let door: BackDoor
let stop: () => Promise<void>
let plant: string
beforeAll(async () => {
  ;({ admin, world, door, stop } = await startProvisioningApp())
  plant = await addDirectory(admin, 'plant')
})
afterAll(() => stop())

async function userOf(username: string) {
  return admin(users.view, { params: { id: await door.idOf(username) } })
}

async function actionsOn(username: string): Promise<string[]> {
  const { items } = await admin(audit.list, { search: { 'target[eq]': await door.idOf(username) } })
  return items.map(({ action }) => action).toReversed()
}

it('a user is disabled and enabled with the account there, but stays disabled if an administrator disabled it', async () => {
  const person = { subject: 'e-leave', username: 'on-leave' }
  await world.provide(plant, person)
  const { id } = await userOf('on-leave')
  await door.openToken('on-leave')
  const disabled = await world.provide(plant, { ...person, isDisabled: true })
  expect(disabled).toMatchObject({
    outcome: 'refused',
    code: 'account_disabled_there',
    sequences: [expect.anything()],
  })
  expect((await userOf('on-leave')).disabledAt).not.toBeNull()
  expect(await door.value('select count(*) from tokens where user_id = ?', id)).toBe(0)
  await world.provide(plant, person, { isSignIn: false })
  expect((await userOf('on-leave')).disabledAt).toBeNull()
  expect((await actionsOn('on-leave')).slice(1)).toEqual(['user.disabled-by-provider', 'user.enabled-by-provider'])
  await world.lose(plant, 'e-leave')
  await admin(users.update, { params: { id }, body: { disabled: true } })
  await world.provide(plant, person)
  expect((await userOf('on-leave')).disabledAt).not.toBeNull()
})

it('a user stays as an administrator decided for many users, also where the provider had disabled it before', async () => {
  const person = { subject: 'e-bulk', username: 'decided' }
  await world.provide(plant, person)
  const { id } = await userOf('decided')
  const decide = (disabled: boolean) => admin(userChanges.apply, { body: { users: [id], change: { disabled } } })
  await world.provide(plant, { ...person, isDisabled: true })
  await decide(true)
  await world.provide(plant, person)
  expect((await userOf('decided')).disabledAt).not.toBeNull()
  expect((await actionsOn('decided')).at(-1)).toBe('user.updated')
  await decide(false)
  await world.provide(plant, { ...person, isDisabled: true })
  await decide(false)
  expect(await door.value('select disabled_at from user_identities where user_id = ?', id)).toBeNull()
})
