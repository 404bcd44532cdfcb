/** The HTTP side: the middleware in its order, then one line for each feature. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { everyRoute } from '@gatehouse/contract/api'
import { audit } from '@gatehouse/contract/audit'
import { authorities } from '@gatehouse/contract/authorities'
import { broker } from '@gatehouse/contract/broker'
import { builtInAuthority } from '@gatehouse/contract/built-in-authority'
import { certificates } from '@gatehouse/contract/certificates'
import { clientCertificates } from '@gatehouse/contract/client-certificates'
import { permissions } from '@gatehouse/contract/held-permissions'
import { mfa } from '@gatehouse/contract/mfa'
import { overview } from '@gatehouse/contract/overview'
import { revocationLists } from '@gatehouse/contract/revocation-lists'
import { revocations } from '@gatehouse/contract/revocations'
import { roles } from '@gatehouse/contract/roles'
import { session } from '@gatehouse/contract/session'
import { sessions } from '@gatehouse/contract/sessions'
import { settings } from '@gatehouse/contract/settings'
import { tokens } from '@gatehouse/contract/tokens'
import { userTransfer } from '@gatehouse/contract/user-transfer'
import { users } from '@gatehouse/contract/users'
import express, { type Express, Router } from 'express'
import type { Logger } from 'pino'
import { auditRoutes } from './audit/routes.ts'
import { authorityRoutes } from './authorities/routes.ts'
import { makeNetworks } from './base/address.ts'
import { newId } from './base/id.ts'
import { Problem } from './base/problem.ts'
import { type BrokerRoutesContext, brokerRoutes } from './broker/routes.ts'
import type { BuiltInContext } from './built-in-authority/replace.ts'
import { builtInAuthorityRoutes } from './built-in-authority/routes.ts'
import { certificateRoutes } from './certificates/routes.ts'
import type { ClientCertificatesContext } from './client-certificates/issue.ts'
import { clientCertificateRoutes } from './client-certificates/routes.ts'
import { bind, type Gate, type Handler } from './http/handle.ts'
import { type HealthParts, localHealthRoutes } from './http/health.ts'
import { openApiDocument } from './http/openapi-document.ts'
import { answerProblems } from './http/problems.ts'
import { securityHeaders } from './http/security-headers.ts'
import { apiReference, webApp } from './http/web-app.ts'
import { mfaRoutes } from './mfa/routes.ts'
import type { MfaContext } from './mfa/service.ts'
import { overviewRoutes } from './overview/routes.ts'
import type { OverviewContext } from './overview/service.ts'
import { permissionRoutes } from './permissions/routes.ts'
import { revocationListRoutes } from './revocation-lists/routes.ts'
import type { RevocationListsContext } from './revocation-lists/service.ts'
import type { RevocationsContext } from './revocations/context.ts'
import { revocationRoutes } from './revocations/routes.ts'
import { roleRoutes } from './roles/routes.ts'
import type { SessionContext } from './session/identify.ts'
import { sessionRoutes } from './session/routes.ts'
import { sessionsRoutes } from './sessions/routes.ts'
import { settingsRoutes } from './settings/routes.ts'
import type { SettingsContext } from './settings/service.ts'
import { login } from './tokens/login.ts'
import { tokenRoutes } from './tokens/routes.ts'
import { userTransferRoutes } from './user-transfer/routes.ts'
import type { UsersContext } from './users/context.ts'
import { userRoutes } from './users/routes.ts'

export type AppContext = UsersContext &
  SessionContext &
  MfaContext &
  SettingsContext &
  BuiltInContext &
  RevocationsContext &
  RevocationListsContext &
  ClientCertificatesContext &
  BrokerRoutesContext &
  OverviewContext & {
    gate: Gate
    log: Logger
    /** Null: not on this port. */
    localHealth: HealthParts | null
    /** Told of each error that is no refusal. */
    onFault(error: unknown): void
    https: boolean
    trustedProxies: string[]
    /** The built console; null while it is served by somebody else. */
    webFolder: string | null
  }

export function makeApp(context: AppContext): Express {
  const app = express()
  // Strict: `/api/users/` and `/API/users` are other paths than the ones that permissions are judged on.
  app.set('strict routing', true).set('case sensitive routing', true)
  app.set('etag', false).set('x-powered-by', false).set('query parser', 'simple')
  // Our own test, because that of Express takes an address with a port for none.
  app.set('trust proxy', makeNetworks(context.trustedProxies))
  app.use((_request, response, next) => {
    response.locals.requestId = newId(context.clock.now())
    response.set('X-Request-Id', response.locals.requestId)
    next()
  })
  app.use(securityHeaders({ https: context.https }))
  app.use('/api', apiRoutes(context))
  app.use(localHealthRoutes(context.localHealth))
  if (context.webFolder !== null && existsSync(join(context.webFolder, 'index.html')))
    app.use(webApp(context.webFolder, context.gate.cookie))
  app.use(() => {
    throw new Problem('not_found')
  })
  app.use(answerProblems(context))
  return app
}

function apiRoutes(context: AppContext): Router {
  const { gate, reader, version } = context
  const router = Router({ strict: true, caseSensitive: true })
  // Of problems too: what was refused now may be allowed in a moment.
  router.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store')
    next()
  })
  const makeToken: Handler<typeof session.login> = ({ body, request }) => login(context, body, request)
  bind(router, { gate, feature: session, handlers: { ...sessionRoutes(context), login: makeToken } })
  bind(router, { gate, feature: mfa, handlers: mfaRoutes(context) })
  bind(router, { gate, feature: sessions, handlers: sessionsRoutes(context) })
  bind(router, { gate, feature: tokens, handlers: tokenRoutes(context) })
  bind(router, { gate, feature: settings, handlers: settingsRoutes(context) })
  bind(router, { gate, feature: userTransfer, handlers: userTransferRoutes(context) })
  bind(router, { gate, feature: users, handlers: userRoutes(context) })
  bind(router, { gate, feature: permissions, handlers: permissionRoutes(reader) })
  bind(router, { gate, feature: roles, handlers: roleRoutes(context) })
  bind(router, { gate, feature: builtInAuthority, handlers: builtInAuthorityRoutes(context) })
  bind(router, { gate, feature: authorities, handlers: authorityRoutes(context) })
  bind(router, { gate, feature: certificates, handlers: certificateRoutes(context) })
  bind(router, { gate, feature: revocations, handlers: revocationRoutes(context) })
  bind(router, { gate, feature: revocationLists, handlers: revocationListRoutes(context) })
  bind(router, { gate, feature: clientCertificates, handlers: clientCertificateRoutes(context) })
  bind(router, { gate, feature: broker, handlers: brokerRoutes(context) })
  bind(router, { gate, feature: overview, handlers: overviewRoutes(context) })
  bind(router, { gate, feature: audit, handlers: auditRoutes(context) })
  router.get('/openapi.json', openApiDocument(version))
  const reference = apiReference(context.webFolder)
  if (reference) router.get('/docs', reference)
  refuseOtherMethods(router)
  router.use(() => {
    throw new Problem('not_found')
  })
  return router
}

/** A path that exists, asked with a method that it does not have (RFC 9110 §15.5.6). */
function refuseOtherMethods(router: Router): void {
  for (const [path, routes] of Map.groupBy(everyRoute, (route) => route.path)) {
    router.all(path, (_request, response) => {
      response.set('Allow', routes.map(({ method }) => method).join(', '))
      throw new Problem('method_not_allowed')
    })
  }
}
