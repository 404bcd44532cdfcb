/** Prepares stories through the API, as a script would. */

import type { Permission } from '@gatehouse/contract/access/permission'
import { roles } from '@gatehouse/contract/access/roles'
import { type Call, createClient } from '@gatehouse/contract/client'
import { session } from '@gatehouse/contract/identity/sign-in'
import { type User, type UserCreate, users } from '@gatehouse/contract/identity/users'
import type { BrowserContext, Page } from '@playwright/test'
import { admin, type Credentials } from './actions.ts'

/** Calls with a token of this user. */
export async function scriptCall(baseUrl: string, credentials: Credentials): Promise<Call> {
  const { token } = await createClient({ baseUrl })(session.login, {
    body: { username: credentials.username, password: credentials.password, label: 'browser tests' },
  })
  return createClient({ baseUrl, headers: { Authorization: `Bearer ${token}` } })
}

/** A browser with its cookies. Without a page it needs no process of its own. */
export type Signed = Pick<Page | BrowserContext, 'request'>

/** Signs the browser in without the sign-in page. */
export async function enter({ request }: Signed, { username, password }: Credentials = admin): Promise<void> {
  const headers = { 'X-Requested-With': 'gatehouse' }
  const answer = await request.post('/api/session', { headers, data: { username, password } })
  if (!answer.ok()) throw new Error(`Signing in as ${username}: ${answer.status()} ${await answer.text()}`)
}

/** Calls with the cookie of this browser, for routes that refuse tokens. */
export function browserCall({ request }: Signed): Call {
  return createClient({
    fetch: async (address, { method = 'GET', headers, body } = {}) => {
      const answer = await request.fetch(address as string, {
        method,
        headers: headers as Record<string, string>,
        ...(body && { data: body as string }),
      })
      const content = answer.status() === 204 ? null : new Uint8Array(await answer.body())
      return new Response(content, { status: answer.status(), headers: answer.headers() })
    },
  })
}

export async function makeRole(call: Call, name: string, permissions: Permission[]): Promise<string> {
  return (await call(roles.create, { body: { name, permissions } })).id
}

/** A person with a password does not have to change it, unless the story is about that. */
export async function makeUser(call: Call, user: UserCreate): Promise<User> {
  return call(users.create, { body: { mustChangePassword: false, ...user } })
}

/** A machine that signs in with its certificate. */
export function makeMachine(call: Call, username: string, permissions: Permission[] = []): Promise<User> {
  const grantTypes = [{ method: 'certificate' as const, isRequired: false }]
  return makeUser(call, { username, kind: 'machine', grantTypes, permissions })
}

/** A user who signs in with a password, over MQTT and in the console. */
export function makePerson(call: Call, { username, password }: Credentials, permissions: Permission[] = []) {
  return makeUser(call, { username, password, permissions })
}

export const topic = (resource: string, operation: Permission['operation']): Permission => ({
  context: 'mqtt',
  resource,
  operation,
})

export const path = (resource: string, operation: Permission['operation']): Permission => ({
  context: 'http',
  resource,
  operation,
})
