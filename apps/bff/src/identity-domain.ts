/** The identity domain: its context and its routes. */
import { identities } from '@gatehouse/contract/identity/identities'
import { identityProviders } from '@gatehouse/contract/identity/providers'
import { mfa } from '@gatehouse/contract/identity/second-factors'
import { sessions } from '@gatehouse/contract/identity/sessions'
import { session } from '@gatehouse/contract/identity/sign-in'
import { tokens } from '@gatehouse/contract/identity/tokens'
import { userChanges } from '@gatehouse/contract/identity/user-changes'
import { userTransfer } from '@gatehouse/contract/identity/user-import'
import { users } from '@gatehouse/contract/identity/users'
import { insertDenial } from './brokers/admission/denied-store.ts'
import type { Broker } from './brokers/embedded/start-broker.ts'
import type { BrokerSet } from './brokers/inventory/broker-set.ts'
import { impactOnOrigin, impactOnUsers } from './brokers/inventory/impact.ts'
import { makeVouching } from './certificates/authorities/confirm.ts'
import { revokeIssuedTo } from './certificates/issued/end.ts'
import type { OpenDirectories } from './identity/directory/open-directories.ts'
import type { SweepContext } from './identity/directory/sweep.ts'
import { sweepNow } from './identity/directory/sweeps.ts'
import { identityRoutes } from './identity/identities/routes.ts'
import type { PasswordKnown } from './identity/passwords/known-password.ts'
import { providerRoutes } from './identity/providers/routes.ts'
import type { ProvidersContext } from './identity/providers/service.ts'
import { mfaRoutes } from './identity/second-factors/routes.ts'
import type { MfaContext } from './identity/second-factors/service.ts'
import { sessionsRoutes } from './identity/sessions/routes.ts'
import type { SessionContext } from './identity/sign-in/identify.ts'
import { renewSession } from './identity/sign-in/renew.ts'
import { sessionRoutes } from './identity/sign-in/routes.ts'
import { deleteSessionsOf } from './identity/sign-in/store.ts'
import { makeOidcConnector } from './identity/single-sign-on/connector.ts'
import type { SingleSignOnContext } from './identity/single-sign-on/context.ts'
import { ExchangeSlots } from './identity/single-sign-on/exchange-slots.ts'
import { signOutEverywhere } from './identity/single-sign-on/logout.ts'
import { ProviderFactsCache } from './identity/single-sign-on/provider-facts.ts'
import { login } from './identity/tokens/login.ts'
import { tokenRoutes } from './identity/tokens/routes.ts'
import { deleteTokensOfPassword } from './identity/tokens/store.ts'
import { userChangesRoutes } from './identity/user-changes/routes.ts'
import { userTransferRoutes } from './identity/user-import/routes.ts'
import type { UsersContext } from './identity/users/context.ts'
import { findCredentialsById } from './identity/users/credentials-store.ts'
import { userRoutes } from './identity/users/routes.ts'
import type { Platform } from './open-platform.ts'
import { createSnapshotCache } from './platform/base/snapshot-cache.ts'
import type { Bind, Handler } from './platform/http/handle.ts'
import type { ProxyEnvironment } from './platform/outbound/outbound-fetch.ts'

export type IdentityContext = UsersContext &
  SessionContext &
  MfaContext &
  ProvidersContext &
  SingleSignOnContext &
  SweepContext

/** Maximum number of cached sessions and tokens. */
const maxCachedCallers = 1_000

interface IdentityParts {
  broker: Broker
  enforcers: BrokerSet
  passwordKnown: PasswordKnown
  directories: OpenDirectories
  version: string
  proxy: ProxyEnvironment
}

export function createIdentity(
  platform: Platform,
  { broker, enforcers, passwordKnown, directories, version, proxy }: IdentityParts,
) {
  const { db, reader, clock, log, keyring, snapshot } = platform
  const context: IdentityContext = {
    db,
    reader,
    clock,
    log,
    keyring,
    version,
    cache: createSnapshotCache({ snapshot, max: maxCachedCallers }),
    passwordKnown,
    enforcers: {
      waitFor: (sequences) => enforcers.waitFor(sequences),
      impactOnUsers: (changed) => impactOnUsers({ broker, brokers: enforcers }, changed),
      impactOnOrigin: (of) => impactOnOrigin({ broker, brokers: enforcers }, of),
      connectionsOf: (userId) => broker.connectionsOf(userId),
    },
    vouching: makeVouching(clock),
    connectors: { ldap: directories.connector, oidc: makeOidcConnector({ clock, proxy }) },
    directories,
    facts: new ProviderFactsCache({ clock, proxy }),
    exchanges: new ExchangeSlots(),
    isDemanded: async (one, userId) => (await findCredentialsById(one, userId))?.isFactorDemanded ?? true,
    renewSession: (trx, caller) => renewSession(trx, { caller, clock, proved: 'totp' }),
    endSessions: deleteSessionsOf,
    endTokensOfPassword: deleteTokensOfPassword,
    endCertificates: (trx, of) => revokeIssuedTo(trx, clock, of),
    rememberDeleted: (trx, { username, actor }) =>
      insertDenial(trx, clock, { username, cause: 'deleted', by: actor.username }),
  }
  return context
}

export function bindIdentity(bind: Bind, context: IdentityContext): void {
  const makeToken: Handler<typeof session.login> = ({ body, request }) => login(context, body, request)
  const signOut: Handler<typeof session.signOut> = (by) => signOutEverywhere(context, by)
  bind(session, { ...sessionRoutes(context), login: makeToken, signOut })
  bind(mfa, mfaRoutes(context))
  bind(sessions, sessionsRoutes(context))
  bind(tokens, tokenRoutes(context))
  bind(userTransfer, userTransferRoutes(context))
  bind(userChanges, userChangesRoutes(context))
  bind(users, userRoutes(context))
  bind(identityProviders, { ...providerRoutes(context), sweep: ({ params }) => sweepNow(context, params.id) })
  bind(identities, identityRoutes(context))
}
