/** For supervisors on this machine: is the process alive, does it do its work, and how much of it? Nobody else is answered. */
import { type Request, type RequestHandler, Router } from 'express'
import { addressOfSocket } from '../base/address.ts'
import { isLoopback } from '../base/loopback.ts'
import type { Metrics } from './metrics.ts'

export interface Readiness {
  /** What does not work now; empty when all does. */
  failing(): Promise<string[]>
}

export function healthRoutes({ failing }: Readiness, metrics: Pick<Metrics, 'write'>): Router {
  const router = Router()
  router.get('/metrics', onlyFromHere, async (_request, response) => {
    const { mediaType, text } = await metrics.write()
    response.type(mediaType).send(text)
  })
  router.get('/healthz', onlyFromHere, (_request, response) => void response.json({ status: 'ok' }))
  router.get('/readyz', onlyFromHere, async (_request, response) => {
    const broken = await failing()
    const isReady = broken.length === 0
    response.status(isReady ? 200 : 503).json({ status: isReady ? 'ready' : 'not ready', broken })
  })
  return router
}

const onlyFromHere: RequestHandler = (request, response, next) => {
  if (isFromHere(request)) next()
  else response.status(404).end()
}

/** A proxy on this machine is on loopback too, but whom it speaks for is not. */
function isFromHere(request: Request): boolean {
  const isForwarded = request.get('X-Forwarded-For') !== undefined || request.get('Forwarded') !== undefined
  return !isForwarded && isLoopback(addressOfSocket(request.socket))
}
