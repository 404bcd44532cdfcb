/** The HTTP app: the middleware in its order, then the routes of each domain. */
import { everyRoute } from '@gatehouse/contract/api'
import express, { type Express, Router } from 'express'
import type { Logger } from 'pino'
import type { RolesContext } from './access/roles/service.ts'
import { bindAccess } from './access-domain.ts'
import { type BrokersContext, bindBrokers } from './brokers-domain.ts'
import { bindCertificates, type CertificatesContext } from './certificates-domain.ts'
import { readSignInOptions } from './identity/sign-in/sign-in-options.ts'
import { type SingleSignOnGate, singleSignOnRoutes } from './identity/single-sign-on/routes.ts'
import { bindIdentity, type IdentityContext } from './identity-domain.ts'
import { type HealthParts, localHealthRoutes } from './operations/health/routes.ts'
import { bindOperations, type OperationsContext } from './operations-domain.ts'
import { makeNetworks } from './platform/base/address.ts'
import type { Clock } from './platform/base/clock.ts'
import { newId } from './platform/base/id.ts'
import { Problem } from './platform/base/problem.ts'
import { type Gate, makeBind } from './platform/http/handle.ts'
import { openApiDocument } from './platform/http/openapi-document.ts'
import { answerProblems } from './platform/http/problems.ts'
import { securityHeaders } from './platform/http/security-headers.ts'
import { apiReference, builtLanguages, webApp } from './platform/http/web-app.ts'

/** The contexts of the five domains. */
export interface Domains {
  access: RolesContext
  identity: IdentityContext
  certificates: CertificatesContext
  brokers: BrokersContext
  operations: OperationsContext
}

export interface AppContext {
  domains: Domains
  gate: Gate & SingleSignOnGate
  clock: Clock
  log: Logger
  /** The running version of Gatehouse. */
  version: string
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
  if (context.webFolder !== null && builtLanguages(context.webFolder).length > 0)
    app.use(
      webApp(context.webFolder, {
        cookie: context.gate.cookie,
        readSignInOptions: () => readSignInOptions(context.domains.identity.reader),
      }),
    )
  app.use(() => {
    throw new Problem('not_found')
  })
  app.use(answerProblems(context))
  return app
}

function apiRoutes(context: AppContext): Router {
  const { gate, domains, version } = context
  const router = Router({ strict: true, caseSensitive: true })
  // Problems too: what is refused now may be allowed a moment later.
  router.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store')
    next()
  })
  router.use(singleSignOnRoutes({ ...domains.identity, onFault: context.onFault }, gate))
  const bind = makeBind(router, gate)
  bindIdentity(bind, domains.identity)
  bindAccess(bind, domains.access)
  bindCertificates(bind, domains.certificates)
  bindBrokers(bind, domains.brokers)
  bindOperations(bind, domains.operations)
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
