/**
 * The listener where enforcers connect. Only enforcers' certificates work here, apart from the enrolment by a token; no session and
 * no token of the console does. Every refusal is a code without details.
 */
import {
  type EnforcerRefusal,
  EnrolRequest,
  enforcerPaths,
  enforcerRefusals,
  maxEnforcerRequestBytes,
  PullRequest,
  RenewRequest,
  Report,
} from '@gatehouse/contract/brokers/enforcer-protocol'
import express, { type ErrorRequestHandler, type Express, type Request, type Response } from 'express'
import type { Logger } from 'pino'
import type * as z from 'zod/mini'
import { addressOfSocket } from '../../../platform/base/address.ts'
import { type EnrolmentContext, enrol, renew } from '../enrolment.ts'
import { Refusal } from '../refusal.ts'
import type { EnforcerRecord } from '../store.ts'
import { type AuthenticationContext, authenticate } from './authentication.ts'
import { answerPull, takeReport } from './exchange.ts'
import { sendJson } from './send-json.ts'

export interface EndpointContext extends EnrolmentContext, AuthenticationContext {
  log: Logger
}

export function makeEnforcerApp(context: EndpointContext): Express {
  const app = express()
  app.set('strict routing', true).set('case sensitive routing', true)
  app.set('etag', false).set('x-powered-by', false)
  app.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store')
    next()
  })
  app.post(enforcerPaths.enrol, strangersJson, async (request, response) => {
    const body = parse(EnrolRequest, request.body)
    const { brokerId, answer } = await enrol(context, { body, address: addressOfSocket(request.socket) })
    // Of a former enforcer, whose certificate is void now.
    context.hub.disconnect(brokerId)
    response.json(answer)
  })
  // Before the body is read: a stranger's is not parsed.
  app.use(async (request, response, next) => {
    response.locals.enforcer = await authenticate(context, request.socket)
    next()
  })
  app.use(json)
  app.post(enforcerPaths.pull, async (request, response) => {
    const answer = await answerPull(context, callerOf(response), {
      body: parse(PullRequest, request.body),
      address: addressOfSocket(request.socket),
      closed: whenClosed(response),
    })
    await sendJson(response, answer, { hasSecrets: answer.passwords.length > 0 })
  })
  app.post(enforcerPaths.report, async (request, response) => {
    await takeReport(context, callerOf(response), parse(Report, request.body))
    response.status(204).end()
  })
  app.post(enforcerPaths.renew, async (request, response) => {
    const body = parse(RenewRequest, request.body)
    response.json({ certificate: await renew(context, callerOf(response), body) })
  })
  app.use(() => {
    throw new Refusal('not_found')
  })
  app.use(answerRefusals(context.log))
  return app
}

/** A stranger sends a token and a certificate request only. */
const strangersJson = express.json({ limit: 80 * 1024, inflate: false, strict: true })
const json = express.json({ limit: maxEnforcerRequestBytes, inflate: false, strict: true })

function callerOf(response: Response): EnforcerRecord {
  return response.locals.enforcer as EnforcerRecord
}

function parse<S extends z.ZodMiniType>(shape: S, body: unknown): z.output<S> {
  const parsed = shape.safeParse(body)
  if (!parsed.success) throw new Refusal('invalid')
  return parsed.data
}

function whenClosed(response: Response): AbortSignal {
  const closed = new AbortController()
  response.once('close', () => closed.abort())
  return closed.signal
}

function answerRefusals(log: Logger): ErrorRequestHandler {
  return (error: unknown, request: Request, response, next) => {
    if (response.headersSent) return next(error)
    const code = error instanceof Refusal ? error.code : fromExpress(error)
    if (code === null) log.error({ err: error }, 'a request of an enforcer failed')
    else log.info({ code, path: request.path, address: addressOfSocket(request.socket) }, 'refused an enforcer')
    const answered = code ?? 'unavailable'
    // A connection keeps its client certificate and the result of its check, which may be out of date.
    if (needsNewConnection.has(answered)) response.set('Connection', 'close')
    response.status(enforcerRefusals[answered]).json({ code: answered })
  }
}

const needsNewConnection: ReadonlySet<EnforcerRefusal> = new Set([
  'certificate_required',
  'certificate_expired',
  'certificate_refused',
  'unknown_enforcer',
])

/** body-parser throws errors with an HTTP status. */
function fromExpress(error: unknown) {
  if (!(error instanceof Error) || !('status' in error)) return null
  return error.status === 413 ? 'too_large' : 'invalid'
}
