/**
 * The relying party of OpenID Connect Core 1.0: sends a browser to the provider, and turns the code that comes back into the claims
 * of a person. Authorization code with PKCE (RFC 7636), `state`, `nonce` and `iss` (RFC 9207).
 */
import { type Clock, systemClock } from '../../platform/base/clock.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { ProviderOf } from '../providers/connector.ts'
import { type Claims, isComplete } from './claims.ts'
import { causesOf, codeOf } from './faults.ts'
import { isPlain, type ProviderFacts, type ProviderFactsCache, providerTimeoutMs } from './provider-facts.ts'

export interface RelyingPartyContext {
  clock: Clock
  facts: ProviderFactsCache
}

export interface Client {
  settings: ProviderOf<'oidc'>['settings']
  secret: string | null
}

/** The secrets of one flow, which the browser brings back in a sealed cookie. */
export interface Challenge {
  state: string
  nonce: string
  verifier: string
}

/** What the provider has proved. */
export interface ProvenPerson {
  issuer: string
  sub: string
  /** Of the ID token, completed from the user info endpoint. */
  claims: Claims
  /** Of the ID token only: `amr`, `acr`, `auth_time` and `sid` say something about this sign-in. */
  token: Claims
  idToken: string
}

/** How far the clock of the provider may be off, in seconds. */
export const toleranceSeconds = 60
/** An ID token comes straight from the provider, which has just made it. */
const maxTokenAgeSeconds = 10 * 60
/** RFC 8725 §3.1: never `none`, and no shared secret that a client could know. */
export const signatures = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']
/** Where to send the browser. `isFresh`: the person must sign in there again, even with an open session there. */
export async function authorizationUrl(
  context: RelyingPartyContext,
  client: Client,
  { redirectUri, challenge, isFresh }: { redirectUri: string; challenge: Challenge; isFresh: boolean },
): Promise<URL> {
  const { oidc, configuration } = await configure(context, client)
  return oidc.buildAuthorizationUrl(configuration, {
    redirect_uri: redirectUri,
    scope: [...new Set(['openid', ...client.settings.scopes])].join(' '),
    state: challenge.state,
    nonce: challenge.nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(challenge.verifier),
    code_challenge_method: 'S256',
    // Not every provider honours both.
    ...(isFresh && { max_age: '0', prompt: 'login' }),
  })
}

export async function newChallenge(): Promise<Challenge> {
  const { randomState, randomNonce, randomPKCECodeVerifier } = await import('openid-client')
  return { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() }
}

/** Rejects where the answer is not one to this challenge, the provider refuses the code, or its token is not valid. */
export async function redeem(
  context: RelyingPartyContext,
  client: Client,
  { callback, challenge }: { callback: URL; challenge: Challenge },
): Promise<ProvenPerson> {
  const { oidc, configuration, facts } = await configure(context, client)
  const answer = await oidc.authorizationCodeGrant(configuration, callback, {
    pkceCodeVerifier: challenge.verifier,
    expectedState: challenge.state,
    expectedNonce: challenge.nonce,
    idTokenExpected: true,
  })
  const token = answer.claims()
  const idToken = answer.id_token
  if (!token || idToken === undefined) throw new Problem('sso_failed')
  await verifySignature(context, client, { idToken, facts })
  const isEnough = isComplete(token, client.settings) || facts.metadata.userinfo_endpoint === undefined
  const more = isEnough ? {} : await oidc.fetchUserInfo(configuration, answer.access_token, token.sub)
  return { issuer: token.iss, sub: token.sub, claims: { ...more, ...token }, token: { ...token }, idToken }
}

/**
 * Does the provider accept the client and its secret? It gets a code that does not exist: a provider that knows the client answers
 * `invalid_grant` (RFC 6749 §5.2). False: `invalid_client` or `unauthorized_client`.
 */
export async function tryClient(context: RelyingPartyContext, client: Client): Promise<boolean> {
  const { oidc, configuration } = await configure(context, client)
  try {
    await oidc.genericGrantRequest(configuration, 'authorization_code', {
      code: 'gatehouse-tests-the-connection',
      redirect_uri: 'https://gatehouse.invalid/',
      code_verifier: oidc.randomPKCECodeVerifier(),
    })
    return true
  } catch (error) {
    // A client that used HTTP Basic gets 401 with a challenge.
    if (causesOf(error).some((each) => codeOf(each) === 'OAUTH_WWW_AUTHENTICATE_CHALLENGE')) return false
    const answers = causesOf(error).map((each) => (each instanceof Error && 'error' in each ? each.error : null))
    if (answers.includes('invalid_client') || answers.includes('unauthorized_client')) return false
    if (answers.some((answer) => typeof answer === 'string')) return true
    throw error
  }
}

/** Where a browser signs out at the provider (OpenID Connect RP-Initiated Logout 1.0). Null: the provider has no such page. */
export async function endSessionUrl(
  context: RelyingPartyContext,
  client: Client,
  { idToken, returnTo }: { idToken: string | null; returnTo: string },
): Promise<URL | null> {
  const { oidc, configuration, facts } = await configure(context, client)
  if (facts.metadata.end_session_endpoint === undefined) return null
  return oidc.buildEndSessionUrl(configuration, {
    post_logout_redirect_uri: returnTo,
    ...(idToken !== null && { id_token_hint: idToken }),
  })
}

/**
 * openid-client trusts the connection to the token endpoint and leaves the signature alone (Core §3.1.3.7, item 6). Behind a proxy
 * of the company that is one assumption too many.
 */
async function verifySignature(
  { clock }: RelyingPartyContext,
  { settings }: Client,
  { idToken, facts: { keys, metadata } }: { idToken: string; facts: ProviderFacts },
): Promise<void> {
  const { jwtVerify } = await import('jose')
  const rules = {
    issuer: metadata.issuer,
    audience: settings.clientId,
    algorithms: signatures,
    currentDate: clock.now(),
    clockTolerance: toleranceSeconds,
    maxTokenAge: maxTokenAgeSeconds,
  }
  try {
    await jwtVerify(idToken, keys, rules)
  } catch (error) {
    if (codeOf(error) !== 'ERR_JWKS_NO_MATCHING_KEY') throw error
    // The provider itself has just sent this token, so it has new keys.
    await keys.reload()
    await jwtVerify(idToken, keys, rules)
  }
}

async function configure({ facts: cache, clock }: RelyingPartyContext, { settings, secret }: Client) {
  const facts = await cache.factsOf(settings)
  const oidc = await import('openid-client')
  const metadata = {
    // openid-client reads the clock of the machine.
    [oidc.clockSkew]: Math.round((clock.now().getTime() - systemClock.now().getTime()) / 1_000),
    [oidc.clockTolerance]: toleranceSeconds,
  }
  const configuration = new oidc.Configuration(
    facts.metadata,
    settings.clientId,
    metadata,
    authentication(oidc, facts, secret),
  )
  configuration[oidc.customFetch] = facts.fetch
  configuration.timeout = providerTimeoutMs / 1_000
  if (isPlain(settings)) oidc.allowInsecureRequests(configuration)
  return { oidc, configuration, facts }
}

/** `client_secret_basic` unless the provider only names `client_secret_post`: the default of Discovery §3. */
function authentication(oidc: typeof import('openid-client'), { metadata }: ProviderFacts, secret: string | null) {
  if (secret === null) return oidc.None()
  const methods = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
  return methods.includes('client_secret_basic') ? oidc.ClientSecretBasic(secret) : oidc.ClientSecretPost(secret)
}
