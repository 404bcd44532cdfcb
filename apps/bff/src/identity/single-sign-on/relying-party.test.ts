import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type OpenIdProvider, startOpenIdProvider } from '../../../test/openid-provider.ts'
import { offsetClock } from '../../platform/base/clock.ts'
import { codeOfFault } from './faults.ts'
import { ProviderFactsCache } from './provider-facts.ts'
import { authorizationUrl, type Challenge, type Client, endSessionUrl, newChallenge, redeem } from './relying-party.ts'

const appUrl = 'http://localhost:9'
const redirectUri = `${appUrl}/api/auth/oidc/sso/callback`
let offset = 0
const clock = offsetClock(() => offset)
let provider: OpenIdProvider
let client: Client
let context: Parameters<typeof redeem>[0]

beforeAll(async () => {
  provider = await startOpenIdProvider()
  await provider.register(appUrl, 'sso')
})

afterAll(() => provider.stop())

beforeEach(() => {
  offset = 0
  provider.person = { id: 'alice', claims: { preferred_username: 'alice', roles: ['operator'] } }
  context = { clock, facts: new ProviderFactsCache({ clock, proxy: {} }) }
  client = {
    secret: provider.clientSecret,
    settings: {
      issuer: provider.issuer,
      clientId: provider.clientId,
      scopes: ['profile'],
      authorities: null,
      mayBePrivate: true,
      usernameClaim: 'preferred_username',
      displayNameClaim: 'name',
      rolesClaim: 'roles',
      acceptedAmr: [],
      acceptedAcr: [],
      logoutAtProvider: true,
      lastSignInDays: 30,
    },
  }
})

/** What the provider sends the browser back to. */
async function answerTo(challenge: Challenge): Promise<URL> {
  const url = await authorizationUrl(context, client, { redirectUri, challenge, isFresh: false })
  return new URL(await provider.visit(url.href))
}

async function signIn() {
  const challenge = await newChallenge()
  return redeem(context, client, { callback: await answerTo(challenge), challenge })
}

async function codeOf(attempt: Promise<unknown>): Promise<string> {
  const error: unknown = await attempt.then(
    () => null,
    (reason: unknown) => reason,
  )
  return error === null ? 'no fault' : codeOfFault(error)
}

it('returns the claims of the person who signed in at the provider', async () => {
  expect(await signIn()).toMatchObject({
    issuer: provider.issuer,
    sub: 'alice',
    claims: { preferred_username: 'alice', roles: ['operator'] },
  })
})

async function refusalWith(changed: Partial<Challenge>, change: (callback: URL) => void = () => {}): Promise<string> {
  const challenge = await newChallenge()
  const callback = await answerTo(challenge)
  change(callback)
  return codeOf(redeem(context, client, { callback, challenge: { ...challenge, ...changed } }))
}

it('refuses another state, nonce or verifier, another issuer, and no issuer', async () => {
  const other = await newChallenge()
  expect(await refusalWith({ state: other.state })).toBe('sso_failed')
  expect(await refusalWith({ nonce: other.nonce })).toBe('sso_failed')
  expect(await refusalWith({ verifier: other.verifier })).toBe('sso_failed')
  expect(await refusalWith({}, ({ searchParams }) => searchParams.set('iss', 'https://evil.example'))).toBe(
    'sso_failed',
  )
  expect(await refusalWith({}, ({ searchParams }) => searchParams.delete('iss'))).toBe('sso_failed')
})

it('refuses a code that was already used', async () => {
  const challenge = await newChallenge()
  const callback = await answerTo(challenge)
  await redeem(context, client, { callback, challenge })
  expect(await codeOf(redeem(context, client, { callback, challenge }))).toBe('sso_failed')
})

it('refuses a wrong client secret', async () => {
  client = { ...client, secret: 'another' }
  expect(await codeOf(signIn())).toBe('sso_failed')
})

it('reports that the person has cancelled at the provider', async () => {
  provider.person = null
  expect(await codeOf(signIn())).toBe('sso_denied')
})

it('accepts tokens of new keys right after the provider has rotated them', async () => {
  await signIn()
  await provider.rotateKeys()
  expect(await signIn()).toMatchObject({ sub: 'alice' })
})

it('refuses a token where the two clocks differ by more than the tolerance', async () => {
  offset = 30_000
  expect(await signIn()).toMatchObject({ sub: 'alice' })
  for (offset of [60 * 60_000, -60 * 60_000]) expect(await codeOf(signIn())).toBe('sso_clock')
})

it('completes the claims from the user info endpoint', async () => {
  provider.person = { id: 'bob', claims: { preferred_username: 'bob' } }
  expect((await signIn()).claims).toMatchObject({ sub: 'bob', preferred_username: 'bob' })
})

it('makes the address of the sign-out at the provider', async () => {
  const { idToken } = await signIn()
  const url = await endSessionUrl(context, client, { idToken, returnTo: `${appUrl}/` })
  expect(url?.origin).toBe(provider.issuer)
  expect(url?.searchParams.get('post_logout_redirect_uri')).toBe(`${appUrl}/`)
})

it.each([
  ['is not there', 'http://127.0.0.1:1', true],
  ['has an address that is not allowed', null, false],
])('reports a provider that %s as unavailable', async (_case, issuer, mayBePrivate) => {
  client.settings = { ...client.settings, issuer: issuer ?? provider.issuer, mayBePrivate }
  const challenge = await newChallenge()
  expect(await codeOf(authorizationUrl(context, client, { redirectUri, challenge, isFresh: false }))).toBe(
    'provider_unavailable',
  )
})
