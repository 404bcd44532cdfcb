/**
 * Signing out at both ends: the provider ends sessions here (OpenID Connect Back-Channel Logout 1.0), and signing out here can
 * end the session there.
 */
import type { JWTPayload, JWTVerifyResult } from 'jose'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { later } from '../../platform/base/clock.ts'
import { Problem } from '../../platform/base/problem.ts'
import { hashSecret } from '../../platform/base/secret.ts'
import type { By } from '../../platform/http/request.ts'
import { findIdentity, findIdentityById } from '../identities/store.ts'
import { oidcSubject } from '../identities/subject.ts'
import type { ProviderOf } from '../providers/connector.ts'
import { findProvider } from '../providers/store.ts'
import { sessionOf } from '../sign-in/renew.ts'
import { signOut } from '../sign-in/service.ts'
import { deleteSessionsOfProvider, findSessionById } from '../sign-in/store.ts'
import { findUser } from '../users/store.ts'
import { clientOf, requireProvider } from './begin.ts'
import type { SingleSignOnContext } from './context.ts'
import { describeFault } from './faults.ts'
import { openSignOut, sidHash } from './provider-sessions.ts'
import { endSessionUrl, signatures, toleranceSeconds } from './relying-party.ts'
import { useOnce } from './store.ts'

/** A logout token is sent at once. */
const maxAgeSeconds = 2 * 60
const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout'

interface LogoutToken {
  issuer: string
  jti: string
  sub: string | null
  sid: string | null
}

/** Ends the sessions that the token names. Throws where the token is not valid or was used before. */
export async function endByLogoutToken(
  context: SingleSignOnContext,
  { name, token }: { name: string; token: string },
): Promise<void> {
  const { db, clock } = context
  const provider = await requireProvider(context.reader, name)
  const { issuer, jti, sub, sid } = await readLogoutToken(context, provider, token)
  await db.transaction().execute(async (trx) => {
    const hash = hashSecret(`logout ${provider.id} ${jti}`)
    const until = later(clock.now(), 2 * (maxAgeSeconds + toleranceSeconds) * 1_000)
    if (!(await useOnce(trx, { hash, until }))) throw new Problem('sso_expired')
    const identity =
      sub === null ? null : await findIdentity(trx, { providerId: provider.id, subject: oidcSubject(issuer, sub) })
    // No user here has this identity.
    if (sub !== null && !identity) return
    const ended = await deleteSessionsOfProvider(trx, {
      identityId: identity?.id ?? null,
      sidHash: sid === null ? null : sidHash(provider.id, sid),
    })
    if (ended === 0) return
    const user = identity && (await findUser(trx, identity.user_id))
    await recordEvent(trx, clock, {
      action: 'session.ended',
      actor: { userId: null, username: null, via: 'system', address: null },
      ...(user && { target: auditTarget.user(user) }),
      after: { ended, identityProvider: provider.name },
    })
  })
}

async function readLogoutToken(
  context: SingleSignOnContext,
  { settings }: ProviderOf<'oidc'>,
  token: string,
): Promise<LogoutToken> {
  const { metadata, keys } = await context.facts.factsOf(settings)
  const { jwtVerify } = await import('jose')
  const verified = await jwtVerify(token, keys, {
    issuer: metadata.issuer,
    audience: settings.clientId,
    algorithms: signatures,
    currentDate: context.clock.now(),
    clockTolerance: toleranceSeconds,
    maxTokenAge: maxAgeSeconds,
    requiredClaims: ['jti'],
  })
  return judgeLogoutToken(verified)
}

/** Back-Channel Logout §2.6. An ID token has a nonce and no event, so it cannot stand in for a logout token. */
function judgeLogoutToken({
  payload,
  protectedHeader,
}: Pick<JWTVerifyResult, 'payload' | 'protectedHeader'>): LogoutToken {
  const { iss = '', jti = '' } = payload
  const [sub, sid] = [textOf(payload, 'sub'), textOf(payload, 'sid')]
  // §2.4 recommends `logout+jwt` but keeps older providers conformant.
  const isType = ['logout+jwt', 'application/logout+jwt', 'jwt', undefined].includes(protectedHeader.typ?.toLowerCase())
  const events = payload['events']
  const isLogout = typeof events === 'object' && events !== null && isObjectAt(events, logoutEvent)
  const isComplete = jti !== '' && jti.length <= 500 && (sub !== null || sid !== null)
  if (!isType || !isLogout || !isComplete || 'nonce' in payload) throw new Problem('sso_failed')
  return { issuer: iss, jti, sub, sid }
}

function isObjectAt(events: object, name: string): boolean {
  const value: unknown = Object.hasOwn(events, name) ? Reflect.get(events, name) : undefined
  return typeof value === 'object' && value !== null
}

function textOf(payload: JWTPayload, name: 'sub' | 'sid'): string | null {
  const value = payload[name]
  return typeof value === 'string' && value !== '' ? value : null
}

/** Signs out here. Returns where the browser signs out at the provider; null: it does not, or the provider does not answer. */
export async function signOutEverywhere(context: SingleSignOnContext, by: By): Promise<{ continueAt: string | null }> {
  // Most sessions began with a password: they read nothing here.
  const session = by.caller.provider && (await findSessionById(context.reader, sessionOf(by.caller)))
  await signOut(context, by)
  const { identity_id: identityId = null, sign_out_box: box = null } = session ?? {}
  if (identityId === null || box === null) return { continueAt: null }
  try {
    const identity = await findIdentityById(context.reader, identityId)
    const provider = identity && (await findProvider(context.reader, identity.provider_id))
    if (provider?.kind !== 'oidc' || !provider.settings.logoutAtProvider) return { continueAt: null }
    const url = await endSessionUrl(context, await clientOf(context, provider), openSignOut(context.keyring, box))
    return { continueAt: url?.href ?? null }
  } catch (error) {
    // The session here has ended, which matters most.
    context.log.warn({ fault: describeFault(error) }, 'the address for signing out at the provider is unknown')
    return { continueAt: null }
  }
}
