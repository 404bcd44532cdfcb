/**
 * Health and metrics, for supervisors and Prometheus. The console's port serves them to callers on this machine only, and not
 * through a proxy. A listener of its own serves all others (docs/operation.md).
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import express, { type Express, type IRouter, type Request, Router } from 'express'
import { addressOfSocket } from '../../platform/base/address.ts'
import { isLoopback } from '../../platform/base/loopback.ts'
import { readBearer } from '../../platform/http/bearer.ts'
import type { MetricsText } from './metrics.ts'

export interface Readiness {
  /** Names of the parts that do not work. Empty: all work. */
  failing(): Promise<string[]>
}

export interface HealthParts {
  readiness: Readiness
  writeMetrics(): Promise<MetricsText>
}

/** On the console's port. Null: answers 404. Without these routes the console's page would answer the paths. */
export function localHealthRoutes(parts: HealthParts | null): Router {
  const router = Router({ strict: true, caseSensitive: true })
  router.use(['/metrics', '/healthz', '/readyz'], (request, response, next) => {
    if (parts && isFromHere(request)) next()
    else response.status(404).end()
  })
  if (parts) addRoutes(router, parts)
  return router
}

export interface HealthListener extends HealthParts {
  /** The bearer token for the metrics. Null: none is needed. */
  token: string | null
  /** Names of this server, besides its addresses. */
  names: readonly string[]
}

/** On a listener of their own. */
export function makeHealthApp({ token, names, ...parts }: HealthListener): Express {
  const app = express()
  app.set('strict routing', true).set('case sensitive routing', true)
  app.set('etag', false).set('x-powered-by', false)
  const isOurs = isForUs(names)
  app.use((request, response, next) => {
    const hasToken = token !== null && isToken(readBearer(request), token)
    const isOpen = token === null || withoutToken.has(request.path)
    if (hasToken || (isOpen && isOurs(request))) return next()
    response.status(token === null ? 404 : 401).end()
  })
  addRoutes(app, parts)
  app.use((_request, response) => void response.status(404).end())
  return app
}

/** Probes of an orchestrator send no secrets, and health says little. The metrics need the token, if there is one. */
const withoutToken: ReadonlySet<string> = new Set(['/healthz', '/readyz'])

function addRoutes(router: IRouter, { readiness, writeMetrics }: HealthParts): void {
  router.get('/metrics', async (_request, response) => {
    const { mediaType, text } = await writeMetrics()
    response.type(mediaType).send(text)
  })
  router.get('/healthz', (_request, response) => void response.json({ status: 'ok' }))
  router.get('/readyz', async (_request, response) => {
    const broken = await readiness.failing()
    const isReady = broken.length === 0
    response.status(isReady ? 200 : 503).json({ status: isReady ? 'ready' : 'not ready', broken })
  })
}

function isFromHere(request: Request): boolean {
  return isLoopback(addressOfSocket(request.socket)) && isLoopback(hostOf(request)) && !isForwarded(request)
}

/**
 * A page in a browser can reach this port by any name that points here (DNS rebinding), but not by an address.
 * So the name must be one of ours.
 */
function isForUs(names: readonly string[]): (request: Request) => boolean {
  const ours = new Set(names.map((name) => name.toLowerCase()))
  return (request) => {
    const host = hostOf(request)
    return (isLoopback(host) || isIP(host) !== 0 || ours.has(host)) && !isForwarded(request)
  }
}

/** The header as it was sent, because Express would trust the `X-Forwarded-Host` of a trusted proxy. */
function hostOf({ headers }: Request): string {
  const url = URL.parse(`http://${headers.host ?? ''}`)
  return url?.hostname.replace(/^\[|\]$/g, '') ?? ''
}

const forwarding =
  /^(x-forwarded(-.*)?|forwarded|via|x-real-ip|x-client-ip|x-cluster-client-ip|true-client-ip|cf-.*|x-original-.*|x-envoy-.*)$/

function isForwarded({ headers }: Request): boolean {
  return Object.keys(headers).some((name) => forwarding.test(name))
}

/** Compares in constant time. */
function isToken(given: string | null, token: string): boolean {
  return given !== null && timingSafeEqual(sha256(given), sha256(token))
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
