/** The HTTP app: the middleware in its order, then the routes of each domain. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { permissions } from '@gatehouse/contract/access/permissions'
import { roles } from '@gatehouse/contract/access/roles'
import { everyRoute } from '@gatehouse/contract/api'
import { broker } from '@gatehouse/contract/brokers/broker'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { builtInAuthority } from '@gatehouse/contract/certificates/built-in-authority'
import { certificates } from '@gatehouse/contract/certificates/check'
import { revocationLists } from '@gatehouse/contract/certificates/crls'
import { clientCertificates } from '@gatehouse/contract/certificates/issued'
import { revocations } from '@gatehouse/contract/certificates/revocations'
import { mfa } from '@gatehouse/contract/identity/second-factors'
import { sessions } from '@gatehouse/contract/identity/sessions'
import { session } from '@gatehouse/contract/identity/sign-in'
import { tokens } from '@gatehouse/contract/identity/tokens'
import { userTransfer } from '@gatehouse/contract/identity/user-import'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { overview } from '@gatehouse/contract/operations/overview'
import { settings } from '@gatehouse/contract/operations/settings'
import express, { type Express, Router } from 'express'
import type { Logger } from 'pino'
import { permissionRoutes } from './access/permissions/routes.ts'
import { roleRoutes } from './access/roles/routes.ts'
import type { RolesContext } from './access/roles/service.ts'
import { type BrokerRoutesContext, brokerRoutes } from './brokers/connections/routes.ts'
import { authorityRoutes } from './certificates/authorities/routes.ts'
import type { BuiltInContext } from './certificates/built-in-authority/replace.ts'
import { builtInAuthorityRoutes } from './certificates/built-in-authority/routes.ts'
import { certificateRoutes } from './certificates/check/routes.ts'
import { revocationListRoutes } from './certificates/crls/routes.ts'
import type { RevocationListsContext } from './certificates/crls/service.ts'
import type { ClientCertificatesContext } from './certificates/issued/issue.ts'
import { clientCertificateRoutes } from './certificates/issued/routes.ts'
import type { RevocationsContext } from './certificates/revocations/context.ts'
import { revocationRoutes } from './certificates/revocations/routes.ts'
import { mfaRoutes } from './identity/second-factors/routes.ts'
import type { MfaContext } from './identity/second-factors/service.ts'
import { sessionsRoutes } from './identity/sessions/routes.ts'
import type { SessionContext } from './identity/sign-in/identify.ts'
import { sessionRoutes } from './identity/sign-in/routes.ts'
import { login } from './identity/tokens/login.ts'
import { tokenRoutes } from './identity/tokens/routes.ts'
import { userTransferRoutes } from './identity/user-import/routes.ts'
import type { UsersContext } from './identity/users/context.ts'
import { userAccessRoutes, userRoutes } from './identity/users/routes.ts'
import { auditRoutes } from './operations/audit/routes.ts'
import { type HealthParts, localHealthRoutes } from './operations/health/routes.ts'
import { overviewRoutes } from './operations/overview/routes.ts'
import type { OverviewContext } from './operations/overview/service.ts'
import { settingsRoutes } from './operations/settings/routes.ts'
import type { SettingsContext } from './operations/settings/service.ts'
import { makeNetworks } from './platform/base/address.ts'
import { newId } from './platform/base/id.ts'
import { Problem } from './platform/base/problem.ts'
import { bind, type Gate, type Handler } from './platform/http/handle.ts'
import { openApiDocument } from './platform/http/openapi-document.ts'
import { answerProblems } from './platform/http/problems.ts'
import { securityHeaders } from './platform/http/security-headers.ts'
import { apiReference, webApp } from './platform/http/web-app.ts'

export type AppContext = UsersContext &
  RolesContext &
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
    /** Null: health is not served on this port. */
    localHealth: HealthParts | null
    /** Called with each error that is not a refusal. */
    onFault(error: unknown): void
    https: boolean
    trustedProxies: string[]
    /** The built console. Null if another server serves it. */
    webFolder: string | null
  }

export function makeApp(context: AppContext): Express {
  const app = express()
  // Strict: permissions are judged on exact paths, so `/api/users/` and `/API/users` must not reach `/api/users`.
  app.set('strict routing', true).set('case sensitive routing', true)
  app.set('etag', false).set('x-powered-by', false).set('query parser', 'simple')
  // Our own check: Express does not parse an address with a port.
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
  // Problems too: what is refused now may be allowed a moment later.
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
  bind(router, { gate, feature: permissions, handlers: { ...permissionRoutes(reader), ...userAccessRoutes(reader) } })
  bind(router, { gate, feature: roles, handlers: roleRoutes(context) })
  bind(router, { gate, feature: builtInAuthority, handlers: builtInAuthorityRoutes(context) })
  bind(router, { gate, feature: authorities, handlers: authorityRoutes(context) })
  bind(router, { gate, feature: certificates, handlers: certificateRoutes(context.broker) })
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

/** Answers 405 for a known path with another method (RFC 9110 §15.5.6). */
function refuseOtherMethods(router: Router): void {
  for (const [path, routes] of Map.groupBy(everyRoute, (route) => route.path)) {
    router.all(path, (_request, response) => {
      response.set('Allow', routes.map(({ method }) => method).join(', '))
      throw new Problem('method_not_allowed')
    })
  }
}
