/**
 * Provisions persons into the database of a test app as a sign-in does, for rules that need no directory. It is another server
 * on the same database, so it also tests that servers see each other's changes.
 */
import {
  type IdentityProvider,
  type IdentityProviderCreate,
  identityProviders,
} from '@gatehouse/contract/identity/providers'
import { makeVouching } from '../src/certificates/authorities/confirm.ts'
import { findIdentity } from '../src/identity/identities/store.ts'
import type { ProviderAccount } from '../src/identity/providers/connector.ts'
import { disableFromProvider, type Provisioned, provision } from '../src/identity/providers/provision.ts'
import { findProvider } from '../src/identity/providers/store.ts'
import { deleteSessionsOf } from '../src/identity/sign-in/store.ts'
import { deleteTokensOfPassword } from '../src/identity/tokens/store.ts'
import type { UsersContext } from '../src/identity/users/context.ts'
import { openDatabase } from '../src/platform/db/open.ts'
import type { Actor } from '../src/platform/http/request.ts'
import { type Browser, startApp, type TestApp } from './app.ts'
import { freshAdmin } from './authenticator.ts'
import { openBackDoor } from './back-door.ts'

const actor: Actor = { userId: null, username: null, via: 'sign-in', address: '192.0.2.7' }

export type Person = Partial<Omit<ProviderAccount, 'provider'>> & Pick<ProviderAccount, 'subject'>

export interface Provisioning {
  provide(providerId: string, person: Person, how?: { isSignIn: boolean }): Promise<Provisioned>
  /** Asks the provider now, and provisions later what it said. */
  ask(providerId: string, person: Person): Promise<{ provide(): Promise<Provisioned> }>
  /** The sweep does not find the subject any more. */
  lose(providerId: string, subject: string): Promise<number[]>
  close(): Promise<void>
}

export async function openProvisioning(app: TestApp): Promise<Provisioning> {
  const { db, close } = await openDatabase(app.database)
  const clock = { now: () => app.now() }
  const context: UsersContext = {
    db,
    reader: db,
    clock,
    enforcers: {
      waitFor: async () => ({ disconnected: 0, disconnectedByBroker: [] }),
      impactOnUsers: async () => ({ connections: null, connectionsByBroker: [] }),
      impactOnOrigin: async () => ({ connections: null, connectionsByBroker: [] }),
      connectionsOf: async () => null,
    },
    passwordKnown: () => {},
    vouching: makeVouching(clock),
    endSessions: deleteSessionsOf,
    endTokensOfPassword: deleteTokensOfPassword,
    endCertificates: async () => 0,
    rememberDeleted: async () => {},
  }
  const providerOf = async (id: string): Promise<IdentityProvider> => {
    const provider = await findProvider(db, id)
    if (!provider) throw new Error(`No provider ${id}`)
    return provider
  }
  const ask = async (providerId: string, person: Person, isSignIn = true) => {
    const provider = await providerOf(providerId)
    const account = { username: person.subject, displayName: null, isDisabled: false, groups: [], ...person, provider }
    return {
      provide: () => db.transaction().execute((trx) => provision(trx, context, { account, actor, isSignIn })),
    }
  }
  return {
    ask,
    provide: async (providerId, person, { isSignIn } = { isSignIn: true }) =>
      (await ask(providerId, person, isSignIn)).provide(),
    lose: (providerId, subject) =>
      db.transaction().execute(async (trx) => {
        const identity = await findIdentity(trx, { providerId, subject })
        return identity ? disableFromProvider(trx, context, { identity, actor }) : []
      }),
    close,
  }
}

/** An app with all that tests of provisioning need. */
export async function startProvisioningApp() {
  const app = await startApp()
  const admin = await freshAdmin(app)
  const world = await openProvisioning(app)
  const door = openBackDoor(app)
  const stop = async () => {
    await world.close()
    await door.close()
    await app.stop()
  }
  return { app, admin, world, door, stop }
}

type DirectoryCreate = Extract<IdentityProviderCreate, { kind: 'ldap' }>

/** Creates a provider for a directory that does not exist. Returns its id. */
export async function addDirectory(
  admin: Browser['call'],
  name: string,
  {
    settings,
    ...more
  }: Partial<Omit<DirectoryCreate, 'settings'>> & { settings?: Partial<DirectoryCreate['settings']> } = {},
): Promise<string> {
  const place = { urls: ['ldaps://directory.example'], bindDn: 'cn=gatehouse', searchBase: 'dc=plant' }
  const body = {
    name,
    label: name,
    secret: 'secret',
    ...more,
    kind: 'ldap' as const,
    settings: { ...place, ...settings },
  }
  return (await admin(identityProviders.create, { body })).id
}
