/**
 * Binds the contract to Express. Before a handler runs, this checks the origin, the caller, the access rule, the size
 * and type of the body and every field. The answer is stripped to what the contract names. The server
 * does not start if a route is not bound or is bound twice.
 */
import type { Socket } from 'node:net'
import { everything, holds, mayCall, type Permission } from '@gatehouse/contract/access/permission'
import { type AnswerInput, isFileAnswer, operationOf, type Parsed, pathOf, type Route } from '@gatehouse/contract/route'
import type { Request, RequestHandler, Response, Router } from 'express'
import * as z from 'zod/mini'
import { Problem } from '../base/problem.ts'
import type { SnapshotCache } from '../base/snapshot-cache.ts'
import { readBearer } from './bearer.ts'
import { readBody } from './body.ts'
import { CachedResponse, readCachedResponse } from './cached-response.ts'
import type { DeviceCookie } from './device-cookie.ts'
import { type Encoding, encodingFor, pack, sendBody } from './encoding.ts'
import { sendEvents } from './events.ts'
import { invalid, toProblem } from './problems.ts'
import type { Caller, RequestInfo } from './request.ts'
import { requestInfo } from './request-info.ts'
import { refuseForeignOrigin, requireSameOrigin } from './same-origin.ts'
import type { SessionCookie } from './session-cookie.ts'
import { isStreamed, preferredExport, sendStream } from './stream.ts'

type CallerOf<R extends Route> = R['access'] extends 'anyone' ? null : Caller

export interface Call<R extends Route> extends Parsed<R> {
  caller: CallerOf<R>
  request: RequestInfo
}

export type Handler<R extends Route> = (call: Call<R>) => Promise<AnswerInput<R>>

/** One handler for each route of a feature. A missing one does not compile. */
export type Bindings<F extends Record<string, Route>> = { [K in keyof F]: Handler<F[K]> | CachedResponse<F[K]> }

/** How a call of a route ended. */
export interface Served {
  route: Pick<Route, 'id'>
  /** `ok`, or the problem's code. */
  outcome: string
  /** What the handler returned. */
  answer: unknown
  seconds: number
}

export interface Gate {
  cookie: SessionCookie
  deviceCookie: DeviceCookie
  origins: ReadonlySet<string>
  /** Returns the caller that holds this secret now, or null. */
  /** `isUse`: the request counts as a use of the session, which ends when it is idle. */
  identifySession(secret: string, how: { isUse: boolean }): Promise<Caller | null>
  identifyToken(secret: string): Promise<Caller | null>
  /** Marks the connection as one of a signed-in caller. */
  identified(socket: Socket): void
  responses: SnapshotCache
  /** Records how a call ended, for the metrics. */
  served(call: Served): void
}

/** Adds the routes of one feature: a handler for each route of the contract. */
export type Bind = <F extends Record<string, Route>>(feature: F, handlers: Bindings<F>) => void

/** Returns the function that adds features to this router. */
export function makeBind(router: Router, gate: Gate): Bind {
  return (feature, handlers) => {
    for (const [verb, route] of Object.entries(feature)) {
      const method = route.method.toLowerCase() as 'get' | 'post' | 'put' | 'patch' | 'delete'
      // `Bindings` makes the types agree; TypeScript cannot follow that through Object.entries.
      const handler = serve(gate, route, handlers[verb] as unknown as Handler<Route> | CachedResponse<Route>)
      router[method](route.path, handler)
    }
  }
}

function serve(gate: Gate, route: Route, handler: Handler<Route> | CachedResponse<Route>): RequestHandler {
  return async (request, response) => {
    const startedAt = performance.now()
    const note = (outcome: string, answer?: unknown) =>
      gate.served({ route, outcome, answer, seconds: (performance.now() - startedAt) / 1_000 })
    try {
      const caller = await admit(gate, route, request)
      if (handler instanceof CachedResponse) {
        const encoding = chooseEncoding(route, { request, response })
        const asked = { route, kept: handler, encoding, url: request.url, read: () => parse(route, request) }
        sendBody(response.setHeader('Content-Type', jsonType), await readCachedResponse(gate.responses, asked))
        return note('ok')
      }
      const input = await parse(route, request)
      const info = {
        ...requestInfo(gate, request, response),
        exportAs: preferredExport(route, request),
        renewCaller: () => renewCaller(gate, route, request),
      } satisfies RequestInfo
      const call: unknown = { ...input, caller, request: info }
      const answer: unknown = await handler(call as Call<Route>)
      if (route.events) {
        // Its duration is that of a visit to a page.
        note('ok')
        return await sendAsEvents(route, response, answer as AsyncIterable<unknown>)
      }
      await send(route, { request, response }, answer)
      note('ok', answer)
    } catch (error) {
      note(toProblem(error).code)
      throw error
    }
  }
}

/** Identifies the caller and checks the access rule. Throws if the caller may not call the route. */
async function admit(gate: Gate, route: Route, request: Request, isUse = true): Promise<Caller | null> {
  const caller = await identify(gate, route, { request, isUse })
  if (route.access === 'anyone') return null
  if (!caller) throw new Problem('not_signed_in')
  gate.identified(request.socket)
  if (caller.via === 'token' && !takesToken(route, request, caller)) throw new Problem('tokens_not_accepted')
  const stages: readonly string[] = typeof route.access === 'string' ? ['full'] : route.access
  if (!stages.includes(caller.stage)) throw new Problem('stage_not_allowed', { detail: caller.stage })
  requirePermission(route, request, caller)
  if (route.recent && !caller.hasRecentProof) throw new Problem('proof_required')
  return caller
}

function takesToken(route: Route, request: Request, { userId }: Caller): boolean {
  if (route.ownUserNeedsSession && request.params['id'] === userId) return false
  return route.access === 'permitted' || route.tokens === true
}

async function identify(
  gate: Gate,
  route: Route,
  { request, isUse }: { request: Request; isUse: boolean },
): Promise<Caller | null> {
  const token = readBearer(request)
  // A call with a token ignores cookies, so cross-site requests are no danger and need no origin check.
  if (token !== null) return gate.identifyToken(token)
  if (route.forScripts) refuseForeignOrigin(request, gate.origins)
  else if (route.method !== 'GET') requireSameOrigin(request, gate.origins)
  const secret = route.access === 'anyone' ? null : gate.cookie.read(request)
  return secret === null ? null : gate.identifySession(secret, { isUse: isUse && !request.get(unattended) })
}

/** The console sends this header with what it fetches by itself while nobody does anything. It can only shorten a session. */
const unattended = 'X-Gatehouse-Unattended'

function requirePermission(route: Route, request: Request, caller: Caller): void {
  const params = request.params as Record<string, string>
  if (mayCall(caller.permissions, route, params)) return
  const path: Permission = { context: 'http', operation: operationOf(route), resource: pathOf(route, params) }
  const unheld = route.administrator && everything.find((permission) => !holds(caller.permissions, permission))
  const needed = unheld || path
  throw new Problem('not_permitted', { facts: { needed } })
}

async function parse(route: Route, request: Request): Promise<Parsed<Route>> {
  const body = route.body ? await readBody(request, route) : undefined
  return {
    params: check(route.params, request.params, 'not_found'),
    search: check(route.search ?? noSearch, request.query),
    body: check(route.body, body),
  } as Parsed<Route>
}

/** Refuses unknown parameters, as the body's schema refuses unknown fields. */
const noSearch = z.strictObject({})

function check(schema: z.ZodMiniType | undefined, input: unknown, otherwise?: 'not_found'): unknown {
  if (!schema) return undefined
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  throw otherwise ? new Problem(otherwise) : invalid(parsed.error, input)
}

async function renewCaller(gate: Gate, route: Route, request: Request): Promise<Caller> {
  const caller = await admit(gate, route, request, false)
  if (!caller) throw new Problem('not_signed_in')
  return caller
}

// Set with setHeader: Express would look up the charset of each response type.
const jsonType = 'application/json; charset=utf-8'

interface Exchange {
  request: Request
  response: Response
}

async function send(route: Route, exchange: Exchange, answer: unknown): Promise<void> {
  const { response } = exchange
  if (route.exports) response.vary('Accept')
  if (route.answer === null) return void response.status(204).end()
  const encoding = chooseEncoding(route, exchange)
  if (isStreamed(answer)) return sendStream(response, answer, encoding)
  if (isFileAnswer(route.answer)) {
    const charset = typeof answer === 'string' ? '; charset=utf-8' : ''
    const bytes = Buffer.from(answer as string | Uint8Array)
    return sendBody(response.type(route.answer.file + charset), await pack(bytes, encoding))
  }
  const stripped = route.answer.parse(answer)
  const { version } = stripped as { version?: number }
  // The same tag for every encoding: it names the version of the resource, not the bytes.
  if (route.versioned && version !== undefined) response.set('ETag', `"${version}"`)
  const body = await pack(Buffer.from(JSON.stringify(stripped)), encoding)
  sendBody(response.status(route.status ?? 200).setHeader('Content-Type', jsonType), body)
}

function sendAsEvents({ answer }: Route, response: Response, items: AsyncIterable<unknown>): Promise<void> {
  const shape = answer as z.ZodMiniType
  return sendEvents(response, items, { encode: (item) => JSON.stringify(shape.parse(item)) })
}

/** Sets `Vary` for every answer that may be compressed, also if this one is not. */
function chooseEncoding(route: Route, { request, response }: Exchange): Encoding {
  if (!route.compressed) return 'identity'
  response.vary('Accept-Encoding')
  return encodingFor(request)
}
