/**
 * Health and metrics, for supervisors and for Prometheus. On the port of the console they are for callers on this machine that
 * no proxy can have sent; everybody else has a listener of their own (docs/operation.md).
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import express, { type Express, type IRouter, type Request, Router } from 'express'
import { addressOfSocket } from '../../platform/base/address.ts'
import { isLoopback } from '../../platform/base/loopback.ts'
import { readBearer } from '../../platform/http/bearer.ts'
import type { MetricsText } from './metrics.ts'

export interface Readiness {
  /** What does not work now; empty when all does. */
  failing(): Promise<string[]>
}

export interface HealthParts {
  readiness: Readiness
  writeMetrics(): Promise<MetricsText>
}

/** On the port of the console; null: not there. The paths are answered in any case, or the console's page would be. */
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
  /** What Prometheus has to send for the metrics; null: nothing. */
  token: string | null
  /** What this server is called, besides its addresses. */
  names: readonly string[]
}

/** On a port of their own. */
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

/** Probes of an orchestrator send no secrets. These tell little; the figures need the token where there is one. */
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
 * A page in a browser can reach this port by any name that its owner lets point here (DNS rebinding), but not by an address:
 * so the name has to be one of ours.
 */
function isForUs(names: readonly string[]): (request: Request) => boolean {
  const ours = new Set(names.map((name) => name.toLowerCase()))
  return (request) => {
    const host = hostOf(request)
    return (isLoopback(host) || isIP(host) !== 0 || ours.has(host)) && !isForwarded(request)
  }
}

/** As it was sent: Express would believe `X-Forwarded-Host` of a trusted proxy. */
function hostOf({ headers }: Request): string {
  const url = URL.parse(`http://${headers.host ?? ''}`)
  return url?.hostname.replace(/^\[|\]$/g, '') ?? ''
}

const forwarding =
  /^(x-forwarded(-.*)?|forwarded|via|x-real-ip|x-client-ip|x-cluster-client-ip|true-client-ip|cf-.*|x-original-.*|x-envoy-.*)$/

function isForwarded({ headers }: Request): boolean {
  return Object.keys(headers).some((name) => forwarding.test(name))
}

/** In the same time, however much of it is right. */
function isToken(given: string | null, token: string): boolean {
  return given !== null && timingSafeEqual(sha256(given), sha256(token))
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
