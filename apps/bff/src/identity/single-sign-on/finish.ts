/** What an OpenID provider has proved takes effect: a session begins, an account is linked, or a session is proved again. */
import type { ErrorCode } from '@gatehouse/contract/errors'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { later, timestamp } from '../../platform/base/clock.ts'
import { Problem } from '../../platform/base/problem.ts'
import { hashSecret } from '../../platform/base/secret.ts'
import type { Trx } from '../../platform/db/open.ts'
import { type Actor, actorOf, type By, type RequestInfo } from '../../platform/http/request.ts'
import { linkIdentity } from '../identities/link.ts'
import { findIdentity, updateIdentity } from '../identities/store.ts'
import { oidcSubject } from '../identities/subject.ts'
import type { ProviderAccount, ProviderOf } from '../providers/connector.ts'
import { findCurrent } from '../providers/current.ts'
import { provision } from '../providers/provision.ts'
import { identifySessionById } from '../sign-in/identify.ts'
import { maySignIn } from '../sign-in/may-sign-in.ts'
import type { ProofKind } from '../sign-in/proofs.ts'
import { sessionOf } from '../sign-in/renew.ts'
import { beginSession } from '../sign-in/service.ts'
import { addProof, deleteSession } from '../sign-in/store.ts'
import { findCredentialsById } from '../users/credentials-store.ts'
import { clientOf, requireCaller, requireProvider } from './begin.ts'
import { groupsOf, hasAcceptedFactor, textClaim } from './claims.ts'
import type { SingleSignOnContext } from './context.ts'
import { type Flow, flowMs } from './flow.ts'
import { boxSignOut, maxIdTokenLength, sidHash } from './provider-sessions.ts'
import { type ProvenPerson, redeem, toleranceSeconds } from './relying-party.ts'
import { useOnce } from './store.ts'

export interface Answer {
  /** Of the provider, from the path. */
  name: string
  flow: Flow
  /** The parameters that the provider has added to the address. */
  search: string
  request: RequestInfo
}

interface Proven extends Pick<Answer, 'flow' | 'request'> {
  provider: ProviderOf<'oidc'>
  person: ProvenPerson
}

/** Throws what `codeOfFault` names. */
export async function finishFlow(context: SingleSignOnContext, { name, flow, search, request }: Answer): Promise<void> {
  const provider = await requireProvider(context.reader, name)
  // An answer of one provider to a question to another (mix-up, RFC 9700 §4.4).
  if (provider.id !== flow.providerId) throw new Problem('sso_failed')
  const callback = new URL(flow.redirectUri)
  callback.search = search
  const client = await clientOf(context, provider)
  const answer = { callback, challenge: flow }
  const person = await context.exchanges.run(request.address, () => redeem(context, client, answer))
  const proven = { provider, person, flow, request }
  if (flow.purpose === 'sign-in') return signIn(context, proven)
  return recordingRefusal(context, proven, flow.purpose === 'link' ? link : proveAgain)
}

async function signIn(context: SingleSignOnContext, proven: Proven): Promise<void> {
  const { db, clock, enforcers } = context
  const { flow, request, provider } = proven
  const actor: Actor = { userId: null, username: null, via: 'sign-in', address: request.address }
  const ended = await db.transaction().execute(async (trx) => {
    await useFlow(trx, context, flow)
    const provisioned = await provision(trx, context, { account: accountOf(proven), actor, isSignIn: true })
    const { sequences } = provisioned
    const user = provisioned.userId === null ? null : await findCredentialsById(trx, provisioned.userId)
    const refusal = provisioned.outcome === 'refused' ? provisioned.code : refusalOf(user)
    if (refusal || !user || provisioned.outcome === 'refused') {
      const reason = refusal ?? 'sign_in_refused'
      const target = user && auditTarget.user(user)
      await recordEvent(trx, clock, { action: 'session.refused', actor, ...(target && { target }), reason })
      return { reason, sequences }
    }
    // The session cookie is not sent with this request. The session before was read when the flow began.
    if (flow.sessionId !== null) await deleteSession(trx, flow.sessionId)
    const { identityId } = provisioned
    const identity = {
      id: identityId,
      provider: { name: provider.name, label: provider.label },
      ...providerSession(context, proven),
    }
    const session = { user, request, proof: { kinds: proofsOf(proven), identity } }
    return { begun: await beginSession(trx, clock, session), sequences }
  })
  await enforcers.waitFor(ended.sequences)
  if (!ended.begun) throw new Problem(ended.reason)
  request.setSession(ended.begun.secret)
  context.log.debug({ provider: provider.name }, 'signed in through a provider')
}

function refusalOf(user: Awaited<ReturnType<typeof findCredentialsById>>): 'sign_in_refused' | null {
  const mayEnter = user && maySignIn({ disabledAt: user.disabled_at, grantTypes: user.grants })
  return mayEnter ? null : 'sign_in_refused'
}

/** A refusal of the person whom the provider has proved is in the audit, as that of a wrong password is. */
async function recordingRefusal(
  context: SingleSignOnContext,
  proven: Proven,
  work: (context: SingleSignOnContext, proven: Proven) => Promise<void>,
): Promise<void> {
  try {
    await work(context, proven)
  } catch (error) {
    if (error instanceof Problem) await recordRefusal(context, proven, error.code)
    throw error
  }
}

async function recordRefusal(
  { db, clock }: SingleSignOnContext,
  { flow, request, provider }: Proven,
  reason: ErrorCode,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const caller = flow.sessionId === null ? null : await identifySessionById(trx, flow.sessionId, clock)
    await recordEvent(trx, clock, {
      action: 'session.refused',
      actor: caller
        ? actorOf(caller, request)
        : { userId: null, username: null, via: 'sign-in', address: request.address },
      ...(caller && { target: auditTarget.caller(caller) }),
      after: { identityProvider: provider.name },
      reason,
    })
  })
}

async function link(context: SingleSignOnContext, proven: Proven): Promise<void> {
  const { db, clock } = context
  await db.transaction().execute(async (trx) => {
    await useFlow(trx, context, proven.flow)
    const { caller, request } = await requireSession(trx, context, proven)
    const user = { id: caller.userId, username: caller.username }
    await linkIdentity(trx, clock, { user, account: accountOf(proven), actor: actorOf(caller, request) })
  })
}

/** Step-up: the person of the session has signed in at the provider since the flow began. */
async function proveAgain(context: SingleSignOnContext, proven: Proven): Promise<void> {
  const { db, clock } = context
  requireFreshSignIn(proven)
  await db.transaction().execute(async (trx) => {
    await useFlow(trx, context, proven.flow)
    const { caller, request } = await requireSession(trx, context, proven)
    const { provider, subject } = accountOf(proven)
    const current = await findCurrent(trx, provider)
    if (typeof current === 'string') throw new Problem(current)
    const identity = await findIdentity(trx, { providerId: provider.id, subject })
    if (identity?.user_id !== caller.userId) throw new Problem('sso_other_person')
    const at = timestamp(clock)
    // A second factor of the provider could change the stage, and a session with another stage has another secret.
    const kinds = caller.stage === 'full' ? proofsOf(proven) : (['oidc'] as const)
    for (const kind of kinds) await addProof(trx, sessionOf(caller), { kind, at })
    await updateIdentity(trx, identity.id, { last_provider_sign_in_at: at })
    await recordEvent(trx, clock, { action: 'session.proved', actor: actorOf(caller, request) })
  })
}

/** Some providers ignore `max_age` and `prompt`, so `auth_time` decides. Without it the proof could be days old. */
function requireFreshSignIn({ person, flow }: Proven): void {
  const { auth_time: signedInAt } = person.token
  const isFresh = typeof signedInAt === 'number' && signedInAt * 1_000 >= flow.startedAt - toleranceSeconds * 1_000
  if (!isFresh) throw new Problem('sso_not_fresh')
}

/** The session that the flow began in. It may have ended since, or its user may have lost a right. */
async function requireSession(trx: Trx, context: SingleSignOnContext, { flow, request }: Proven): Promise<By> {
  const caller = flow.sessionId === null ? null : await identifySessionById(trx, flow.sessionId, context.clock)
  return { caller: requireCaller(flow.purpose === 'link' ? 'link' : 'step-up', caller), request }
}

/** Also refuses an answer that somebody recorded together with the cookie. */
async function useFlow(trx: Trx, { clock }: SingleSignOnContext, { state }: Flow): Promise<void> {
  const until = later(clock.now(), 2 * flowMs)
  if (!(await useOnce(trx, { hash: hashSecret(`state ${state}`), until }))) throw new Problem('sso_expired')
}

function accountOf({ provider, person }: Proven): ProviderAccount {
  const { usernameClaim, displayNameClaim, rolesClaim } = provider.settings
  return {
    provider,
    subject: oidcSubject(person.issuer, person.sub),
    // An empty name is refused as one that cannot be used.
    username: textClaim(person.claims, usernameClaim) ?? '',
    displayName: textClaim(person.claims, displayNameClaim),
    isDisabled: false,
    groups: groupsOf(person.claims, rolesClaim),
  }
}

function proofsOf({ provider, person }: Proven): ProofKind[] {
  return hasAcceptedFactor(person.token, provider.settings) ? ['oidc', 'provider-factor'] : ['oidc']
}

/** What signing out needs later. A long token is left out: the provider then asks whether to sign out. */
function providerSession({ keyring }: SingleSignOnContext, { provider, person, flow }: Proven) {
  const { sid } = person.token
  const returnTo = `${new URL(flow.redirectUri).origin}/`
  const idToken = person.idToken.length <= maxIdTokenLength ? person.idToken : null
  return {
    sidHash: typeof sid === 'string' ? sidHash(provider.id, sid) : null,
    signOutBox: provider.settings.logoutAtProvider ? boxSignOut(keyring, { idToken, returnTo }) : null,
  }
}
