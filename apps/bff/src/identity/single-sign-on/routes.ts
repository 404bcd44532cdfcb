/**
 * The pages of a sign-in at an OpenID provider. They are no JSON routes of the contract: a browser navigates to them, and a
 * provider posts a form.
 */
import type { ErrorCode } from '@gatehouse/contract/errors'
import { type Request, type Response, Router } from 'express'
import { Problem } from '../../platform/base/problem.ts'
import { readAtMost } from '../../platform/base/read-at-most.ts'
import type { FlowCookies } from '../../platform/http/flow-cookies.ts'
import type { Gate } from '../../platform/http/handle.ts'
import type { Caller } from '../../platform/http/request.ts'
import { requestInfo } from '../../platform/http/request-info.ts'
import { beginFlow } from './begin.ts'
import type { SingleSignOnContext } from './context.ts'
import { continuePage } from './continue-page.ts'
import { codeOfFault, describeFault } from './faults.ts'
import { finishFlow } from './finish.ts'
import { flowKey, maxFlows, type Purpose, purposes, safePath, seal, unseal } from './flow.ts'
import { endByLogoutToken } from './logout.ts'

export interface SingleSignOnGate extends Pick<Gate, 'cookie' | 'deviceCookie' | 'origins' | 'identifySession'> {
  flowCookies: FlowCookies
}

export interface PagesContext extends SingleSignOnContext {
  /** Called where the database failed: it may indicate a full disk. */
  onFault(error: unknown): void
}

/** Of a logout token with its field name. */
const maxFormBytes = 32 * 1024

export function singleSignOnRoutes(context: PagesContext, gate: SingleSignOnGate): Router {
  const router = Router({ strict: true, caseSensitive: true })
  const path = '/auth/oidc/:name'
  router.get(`${path}/start`, (request, response) => start(context, gate, { request, response }))
  router.get(`${path}/callback`, (request, response) => callback(context, gate, { request, response }))
  router.post(`${path}/back-channel-logout`, (request, response) => logout(context, { request, response }))
  return router
}

interface Exchange {
  request: Request
  response: Response
}

async function start(context: PagesContext, gate: SingleSignOnGate, { request, response }: Exchange): Promise<void> {
  const to = safePath(request.query['to'])
  try {
    const purpose = purposeOf(request)
    const caller = await callerOf(gate, request)
    const redirectUri = `${originOf(gate, request)}/api/auth/oidc/${nameOf(request)}/callback`
    const { url, flow } = await beginFlow(context, { name: nameOf(request), purpose, to, redirectUri, caller })
    forgetOldFlows(context, gate, { request, response })
    gate.flowCookies.set(response, flowKey(flow.state), seal(context.keyring, flow))
    response.redirect(302, url.href)
  } catch (error) {
    refuse(context, response, { error, to })
  }
}

async function callback(context: PagesContext, gate: SingleSignOnGate, exchange: Exchange): Promise<void> {
  const { request, response } = exchange
  const key = flowKey(typeof request.query['state'] === 'string' ? request.query['state'] : '')
  const sealed = gate.flowCookies.read(request).get(key) ?? ''
  const flow = unseal(context.keyring, sealed, context.clock.now().getTime())
  // Once, whatever comes of it.
  if (sealed !== '') gate.flowCookies.clear(response, key)
  try {
    if (!flow) throw new Problem('sso_expired')
    const search = new URL(request.originalUrl, flow.redirectUri).search
    // The device cookie is `Strict` too: a new one would replace the one that did not come along.
    const info = {
      ...requestInfo(gate, request, response),
      isBrowser: false,
      exportAs: null,
      renewCaller: refuseRenewal,
    }
    await finishFlow(context, { name: nameOf(request), flow, search, request: info })
    sendPage(response, flow.to, null)
  } catch (error) {
    refuse(context, response, { error, to: flow?.to ?? '/' })
  }
}

async function logout(context: PagesContext, { request, response }: Exchange): Promise<void> {
  try {
    const token = await readLogoutForm(request)
    await endByLogoutToken(context, { name: nameOf(request), token })
    response.status(200).end()
  } catch (error) {
    const code = codeOfFault(error)
    context.log.info({ fault: describeFault(error), code }, 'a logout token was refused')
    // Back-Channel Logout §2.8.
    response.status(code === 'provider_unavailable' ? 503 : 400).json({ error: 'invalid_request' })
  }
}

async function readLogoutForm(request: Request): Promise<string> {
  if (!request.is('application/x-www-form-urlencoded')) throw new Problem('unsupported_media_type')
  const body = await readAtMost(request, maxFormBytes)
  request.resume()
  if (body === null) throw new Problem('too_large')
  return new URLSearchParams(body.toString()).get('logout_token') ?? ''
}

/** The person sees the reason in the console, the administrator sees more in the log. */
function refuse(
  { log, onFault }: PagesContext,
  response: Response,
  { error, to }: { error: unknown; to: string },
): void {
  const code = codeOfFault(error)
  if (code === 'storage_full' || code === 'unavailable') onFault(error)
  log.info({ fault: describeFault(error), code }, 'a sign-in at a provider was refused')
  sendPage(response, to, code)
}

function sendPage(response: Response, to: string, refusal: ErrorCode | null): void {
  response.status(200).type('html').send(continuePage(to, refusal))
}

function purposeOf(request: Request): Purpose {
  const wanted = request.query['for'] ?? 'sign-in'
  const purpose = purposes.find((each) => each === wanted)
  if (!purpose) throw new Problem('invalid')
  return purpose
}

function nameOf(request: Request): string {
  return String(request.params['name'])
}

async function callerOf(gate: SingleSignOnGate, request: Request): Promise<Caller | null> {
  const secret = gate.cookie.read(request)
  return secret === null ? null : gate.identifySession(secret, { isUse: true })
}

/** One of our fixed origins. The host of the request only chooses among them. */
function originOf({ origins }: SingleSignOnGate, request: Request): string {
  const [first = ''] = origins
  return [...origins].find((origin) => new URL(origin).host === request.headers.host?.toLowerCase()) ?? first
}

/** Leaves room for one more flow: each tab may have one. */
function forgetOldFlows(
  { keyring, clock }: PagesContext,
  { flowCookies }: SingleSignOnGate,
  { request, response }: Exchange,
): void {
  const now = clock.now().getTime()
  const begun = [...flowCookies.read(request)]
    .map(([key, sealed]) => ({ key, startedAt: unseal(keyring, sealed, now)?.startedAt ?? 0 }))
    .toSorted((a, b) => b.startedAt - a.startedAt)
  for (const [place, { key, startedAt }] of begun.entries()) {
    if (startedAt === 0 || place >= maxFlows - 1) flowCookies.clear(response, key)
  }
}

function refuseRenewal(): Promise<Caller> {
  throw new Problem('not_signed_in')
}
