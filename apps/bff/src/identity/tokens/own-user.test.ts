/** A token neither shows nor changes how its own user signs in, also not by the paths below `/users/{id}`. */
import { everyRoute } from '@gatehouse/contract/api'
import { sessions } from '@gatehouse/contract/identity/sessions'
import { tokens } from '@gatehouse/contract/identity/tokens'
import { pathOf, type Route } from '@gatehouse/contract/route'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startApp, type TestApp } from '../../../test/app.ts'
import { makeUser, signIn } from '../../../test/authenticator.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'
import { sendRaw } from '../../../test/raw-request.ts'

let app: TestApp
let door: BackDoor
beforeAll(async () => {
  app = await startApp()
  door = openBackDoor(app)
})
afterAll(async () => {
  await door.close()
  await app.stop()
})

/** Each route about one user: `refused` for a token of that user, or why it is allowed. A new route fails until it is listed. */
const decisions: Record<string, string> = {
  'users.view': 'shows what the list shows',
  'users.update': 'refused',
  'users.remove': 'refused',
  'users.setPassword': 'refused',
  'users.impact': 'counts only',
  'mfa.reset': 'refused',
  'tokens.listOf': 'refused',
  'tokens.revokeOf': 'refused',
  'sessions.listOf': 'refused',
  'sessions.endOf': 'refused',
  'sessions.endAllOf': 'refused',
  'identities.listOf': 'refused',
  'identities.linkOf': 'refused',
  'identities.unlinkOf': 'refused',
  'permissions.accessOf': 'shows what the token itself may do',
  'permissions.check': 'shows what the token itself may do',
}

const aboutOne = everyRoute.filter(({ path }) => path.startsWith('/users/:id'))
const refusedOnes = aboutOne.filter(({ id }) => decisions[id] === 'refused')

it('every route about one user is listed', () => {
  expect(aboutOne.map(({ id }) => id).toSorted()).toEqual(Object.keys(decisions).toSorted())
  expect(everyRoute.filter(({ ownUserNeedsSession }) => ownUserNeedsSession).map(({ id }) => id)).toEqual(
    refusedOnes.map(({ id }) => id),
  )
})

const bodies: Record<string, object> = {
  'users.update': {
    displayName: 'me',
    grantTypes: [{ method: 'password' }, { method: 'token' }, { method: 'certificate' }],
  },
  'users.setPassword': { newPassword: 'chosen by the thief of the token' },
  'mfa.reset': { reason: 'mine' },
}

async function send(route: Route, userId: string, token: string) {
  const tokenId = await door.value<string>('select id from tokens where user_id = ?', userId)
  const sessionId = await door.value<string>('select id from sessions where user_id = ?', userId)
  const path = pathOf(route, { id: userId, tokenId, sessionId, identityId: userId })
  const body = bodies[route.id]
  const headers = { 'Content-Type': 'application/json' }
  return sendRaw(app, { method: route.method, path }, { token, headers, ...(body && { body: JSON.stringify(body) }) })
}

it.each(refusedOnes.map(({ id }) => id))('refuses %s to a token of an administrator on its own user', async (id) => {
  const route = refusedOnes.find((each) => each.id === id) as Route
  await signIn(app, 'admin')
  const token = await door.openToken('admin')
  const own = await door.idOf('admin')
  const before = await door.everything()
  expect(await send(route, own, token)).toMatchObject({ status: 403, code: 'tokens_not_accepted' })
  expect(await door.everything()).toBe(before)
})

it('the same token lists and ends sessions and tokens of another user', async () => {
  const { id } = await makeUser(app, 'another')
  await signIn(app, 'another')
  await door.openToken('another')
  const call = await door.asToken('admin')
  expect((await call(tokens.listOf, { params: { id } })).items).toHaveLength(1)
  expect(await call(sessions.endAllOf, { params: { id } })).toEqual({ ended: 1 })
})
