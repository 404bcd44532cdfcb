/** A provider that answers what an attacker would: forged tokens, and metadata that lead elsewhere. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { systemClock } from '../../platform/base/clock.ts'
import { codeOfFault, describeFault } from './faults.ts'
import { ProviderFactsCache } from './provider-facts.ts'
import { authorizationUrl, type Challenge, type Client, newChallenge, redeem } from './relying-party.ts'

const clientId = 'gatehouse'
const secret = 'a secret that the provider and the client share'
const redirectUri = 'http://localhost:9/api/auth/oidc/sso/callback'

let server: Server
let issuer: string
let key: CryptoKey
let strangersKey: CryptoKey
let publicKey: object
/** What the provider answers next. */
let metadata: Record<string, unknown>
let answerToken: () => Promise<{ status?: number; headers?: Record<string, string>; body: string }>

beforeAll(async () => {
  const pair = await generateKeyPair('RS256', { extractable: true })
  key = pair.privateKey
  publicKey = { ...(await exportJWK(pair.publicKey)), kid: 'k1', use: 'sig', alg: 'RS256' }
  strangersKey = (await generateKeyPair('RS256')).privateKey
  server = createServer((request, response) => {
    const json = (value: unknown) => response.setHeader('Content-Type', 'application/json').end(JSON.stringify(value))
    if (request.url === '/.well-known/openid-configuration') json(metadata)
    else if (request.url === '/keys') json({ keys: [publicKey] })
    else if (request.url === '/stolen') json({ access_token: 'a', token_type: 'bearer' })
    else
      void answerToken().then(({ status = 200, headers = {}, body }) =>
        response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(body),
      )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => {
  server.close().closeAllConnections()
})

beforeEach(() => {
  metadata = {
    issuer,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/keys`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
  }
})

const context = () => ({ clock: systemClock, facts: new ProviderFactsCache({ clock: systemClock, proxy: {} }) })

function client(): Client {
  const settings = {
    issuer,
    clientId,
    scopes: [],
    authorities: null,
    mayBePrivate: true,
    usernameClaim: 'preferred_username',
    displayNameClaim: null,
    rolesClaim: null,
    acceptedAmr: [],
    acceptedAcr: [],
    logoutAtProvider: false,
    lastSignInDays: 30,
  }
  return { settings, secret }
}

const claimsFor = ({ nonce }: Challenge): JWTPayload => ({ nonce, sub: 'alice', preferred_username: 'alice' })

function signed(claims: JWTPayload): SignJWT {
  const token = new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k1' })
  if (claims.iss === undefined) token.setIssuer(issuer)
  if (claims.aud === undefined) token.setAudience(clientId)
  if (claims.exp === undefined) token.setExpirationTime('5m')
  return claims.iat === undefined ? token.setIssuedAt() : token
}

/** The code of the refusal of this ID token; `accepted` where there is none. */
async function outcomeOf(makeToken: (challenge: Challenge) => Promise<string>): Promise<string> {
  const challenge = await newChallenge()
  answerToken = async () => ({
    body: JSON.stringify({ access_token: 'a', token_type: 'bearer', id_token: await makeToken(challenge) }),
  })
  return attempt(challenge)
}

async function attempt(challenge: Challenge): Promise<string> {
  const callback = new URL(`${redirectUri}?code=c&state=${challenge.state}`)
  return redeem(context(), client(), { callback, challenge }).then(() => 'accepted', codeOfFault)
}

it('accepts the token that a provider would send', async () => {
  expect(await outcomeOf((challenge) => signed(claimsFor(challenge)).sign(key))).toBe('accepted')
})

it.each<[string, string, (challenge: Challenge) => Promise<string>]>([
  ['signed by another key', 'sso_failed', (of) => signed(claimsFor(of)).sign(strangersKey)],
  ['of another issuer', 'sso_failed', (of) => signed({ ...claimsFor(of), iss: 'https://evil.example' }).sign(key)],
  ['for another client', 'sso_failed', (of) => signed({ ...claimsFor(of), aud: 'another' }).sign(key)],
  [
    'for several clients, made for another',
    'sso_failed',
    (of) => signed({ ...claimsFor(of), aud: [clientId, 'another'], azp: 'another' }).sign(key),
  ],
  ['with another nonce', 'sso_failed', (of) => signed({ ...claimsFor(of), nonce: 'another' }).sign(key)],
  ['without a nonce', 'sso_failed', () => signed({ sub: 'alice' }).sign(key)],
  ['without a subject', 'sso_failed', ({ nonce }) => signed({ nonce }).sign(key)],
  ['that has expired', 'sso_clock', (of) => signed({ ...claimsFor(of), exp: 1_000_000 }).sign(key)],
  ['that is an hour old', 'sso_clock', (of) => signed({ ...claimsFor(of), iat: Date.now() / 1_000 - 3_600 }).sign(key)],
  ['of the future', 'sso_clock', (of) => signed({ ...claimsFor(of), iat: Date.now() / 1_000 + 3_600 }).sign(key)],
  ['without a signature', 'sso_failed', async (of) => unsecured(claimsFor(of))],
  ['signed with the client secret', 'sso_failed', (of) => hmac(claimsFor(of))],
])('refuses a token %s: %s', async (_case, code, makeToken) => {
  expect(await outcomeOf(makeToken)).toBe(code)
})

function unsecured(claims: JWTPayload): string {
  return new UnsecuredJWT(claims).setIssuer(issuer).setAudience(clientId).setIssuedAt().setExpirationTime('5m').encode()
}

function hmac(claims: JWTPayload): Promise<string> {
  const token = new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'k1' }).setIssuer(issuer)
  return token.setAudience(clientId).setIssuedAt().setExpirationTime('5m').sign(new TextEncoder().encode(secret))
}

it.each([
  ['redirects', { status: 302, headers: { Location: '/stolen' }, body: '' }],
  ['is too large', { body: JSON.stringify({ access_token: 'x'.repeat(600 * 1024) }) }],
  ['is no JSON', { headers: { 'Content-Type': 'text/html' }, body: '<html></html>' }],
])('takes an answer of the token endpoint that %s for an outage', async (_case, answer) => {
  answerToken = async () => answer
  expect(await attempt(await newChallenge())).toBe('provider_unavailable')
})

it('logs the error word of the provider, and none of its texts', async () => {
  const body = JSON.stringify({ error: 'invalid_grant', error_description: 'a text of the provider' })
  answerToken = async () => ({ status: 400, body })
  const challenge = await newChallenge()
  const callback = new URL(`${redirectUri}?code=secret-code&state=${challenge.state}`)
  const fault: unknown = await redeem(context(), client(), { callback, challenge }).catch((error: unknown) => error)
  const logged = describeFault(fault).join()
  expect(logged).toContain('invalid_grant')
  expect(logged).not.toMatch(/a text of|secret-code/)
})

it.each([
  ['names another issuer', { issuer: 'https://evil.example' }],
  ['leads the browser to a plain page elsewhere', { authorization_endpoint: 'javascript:alert(1)' }],
  ['names keys at an address of the machine', { jwks_uri: 'file:///etc/passwd' }],
  ['names no keys', { jwks_uri: undefined }],
])('sends no browser to a provider whose description %s', async (_case, changed) => {
  metadata = { ...metadata, ...changed }
  const asked = { redirectUri, challenge: await newChallenge(), isFresh: false }
  const url = await authorizationUrl(context(), client(), asked).catch((error: unknown) => codeOfFault(error))
  expect(url).toBe('sso_failed')
})

it('sends nothing to an endpoint with an address that is never allowed', async () => {
  metadata = { ...metadata, token_endpoint: 'http://169.254.169.254/latest/meta-data' }
  const challenge = await newChallenge()
  const callback = new URL(`${redirectUri}?code=c&state=${challenge.state}`)
  const fault: unknown = await redeem(context(), client(), { callback, challenge }).catch((error: unknown) => error)
  expect(describeFault(fault).join()).toContain('address_refused')
})
