/** Sends a browser to an OpenID provider: to sign in, to link the own account there, or to prove again who is there. */
import { Problem } from '../../platform/base/problem.ts'
import type { Db } from '../../platform/db/open.ts'
import type { Caller } from '../../platform/http/request.ts'
import type { ProviderOf } from '../providers/connector.ts'
import { findProviderNamed, readProviderSecret } from '../providers/store.ts'
import type { SingleSignOnContext } from './context.ts'
import type { Flow, Purpose } from './flow.ts'
import { authorizationUrl, type Client, newChallenge } from './relying-party.ts'

export interface Beginning {
  /** Of the provider. */
  name: string
  purpose: Purpose
  to: string
  redirectUri: string
  /** Who is signed in in this browser. */
  caller: Caller | null
}

/** Throws `unknown_provider`, `provider_unavailable`, and what refuses a caller who wants to link or to prove. */
export async function beginFlow(
  context: SingleSignOnContext,
  { name, purpose, to, redirectUri, caller }: Beginning,
): Promise<{ url: URL; flow: Flow }> {
  if (purpose !== 'sign-in') requireCaller(purpose, caller)
  const provider = await requireProvider(context.reader, name)
  const challenge = await newChallenge()
  const asked = { redirectUri, challenge, isFresh: purpose === 'step-up' }
  const url = await authorizationUrl(context, await clientOf(context, provider), asked)
  const flow: Flow = {
    ...challenge,
    purpose,
    providerId: provider.id,
    sessionId: caller?.sessionId ?? null,
    redirectUri,
    to,
    startedAt: context.clock.now().getTime(),
  }
  return { url, flow }
}

/** An enabled OpenID provider. */
export async function requireProvider(reader: Db, name: string): Promise<ProviderOf<'oidc'>> {
  const provider = await findProviderNamed(reader, name)
  if (provider?.kind !== 'oidc' || !provider.enabled) throw new Problem('unknown_provider')
  return provider
}

export async function clientOf(
  { reader, keyring }: Pick<SingleSignOnContext, 'reader' | 'keyring'>,
  { id, settings }: ProviderOf<'oidc'>,
): Promise<Client> {
  return { settings, secret: await readProviderSecret(reader, keyring, id) }
}

/** Linking gives a way in, so it needs a recent proof. A proof may also be for the enrolment of a second factor. */
export function requireCaller(purpose: Exclude<Purpose, 'sign-in'>, caller: Caller | null): Caller {
  if (!caller || caller.sessionId === null) throw new Problem('not_signed_in')
  const isReady = caller.stage === 'full' || (purpose === 'step-up' && caller.stage === 'mfa-enrolment-required')
  if (!isReady) throw new Problem('stage_not_allowed', { detail: caller.stage })
  if (purpose === 'link' && !caller.hasRecentProof) throw new Problem('proof_required')
  return caller
}
