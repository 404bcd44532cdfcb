/** A real OpenID provider in this process: oidc-provider, with persons who sign in without a form. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair } from 'jose'
import { Provider } from 'oidc-provider'

export interface Person {
  /** `sub`. */
  id: string
  claims: Record<string, unknown>
}

export interface OpenIdProvider {
  issuer: string
  clientId: string
  clientSecret: string
  /** The person who signs in next. Null: the person cancels. */
  person: Person | null
  /** Called before the provider answers with what it knows of a person, also in the token. */
  beforeAnswer: () => Promise<void>
  /** Logout tokens that the client has refused. */
  refusedLogouts: number
  /** The client's URLs are known when the app has started. */
  register(appUrl: string, name: string): Promise<void>
  /** New keys; the old ones are gone. */
  rotateKeys(): Promise<void>
  /** Follows redirects at the provider until it sends the browser back. Returns that address. */
  visit(url: string, jar?: Jar): Promise<string>
  /** Signs the browser out at the provider, which tells its clients. */
  signOut(url: string, jar: Jar): Promise<string>
  stop(): Promise<void>
}

/** The cookies of a browser at the provider. */
export type Jar = Map<string, string>

const clientId = 'gatehouse'
const clientSecret = 'a secret + with % special & characters'

export async function startOpenIdProvider(): Promise<OpenIdProvider> {
  let listener: ((request: IncomingMessage, response: ServerResponse) => void) | null = null
  const server = createServer((request, response) => {
    if (listener) listener(request, response)
    else response.writeHead(503).end()
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  // Another site than the app at 127.0.0.1, so that `SameSite` matters in a browser.
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`
  let client: { appUrl: string; name: string } | null = null

  const begin = async () => {
    if (!client) return
    const provider = new Provider(issuer, { ...configuration, ...(await keys()), ...clientsOf(client), findAccount })
    provider.on('backchannel.error', () => (self.refusedLogouts += 1))
    listener = (request, response) => {
      if (request.url?.startsWith('/interaction/')) void interact(provider, self.person, { request, response })
      else provider.callback()(request, response)
    }
  }
  const findAccount = async (_context: unknown, id: string) => {
    await self.beforeAnswer()
    return { accountId: id, claims: () => ({ sub: id, ...self.person?.claims }) }
  }
  const self: OpenIdProvider = {
    issuer,
    clientId,
    clientSecret,
    person: null,
    beforeAnswer: async () => {},
    refusedLogouts: 0,
    register: async (appUrl, name) => {
      client = { appUrl, name }
      await begin()
    },
    rotateKeys: begin,
    visit: (url, jar = new Map()) => visit(url, { issuer, jar }),
    signOut: async (url, jar) => {
      const page = await (await fetch(url, { redirect: 'manual', headers: cookies(jar) })).text()
      const xsrf = /name="xsrf" value="([^"]+)"/.exec(page)?.[1] ?? ''
      const body = new URLSearchParams({ xsrf, logout: 'yes' })
      const form = { method: 'POST', redirect: 'manual', headers: cookies(jar), body } as const
      const answer = await fetch(`${issuer}/session/end/confirm`, form)
      return answer.headers.get('location') ?? ''
    },
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return self
}

/** The page of oidc-provider loads a font of another site. */
function askToSignOut(context: { body: string }, form: string): void {
  const button = '<button type="submit" form="op.logoutForm" name="logout" value="yes">Yes, sign me out</button>'
  context.body = `<!doctype html><title>Sign out</title>${form}${button}`
}

/** What the provider stores: its own memory adapter warns at each start. Nothing here lives long enough to expire. */
class MemoryAdapter {
  static readonly rows = new Map<string, Record<string, unknown>>()
  readonly #kind: string

  constructor(kind: string) {
    this.#kind = kind
  }

  async upsert(id: string, row: Record<string, unknown>): Promise<void> {
    MemoryAdapter.rows.set(`${this.#kind} ${id}`, row)
  }

  async find(id: string): Promise<Record<string, unknown> | undefined> {
    return MemoryAdapter.rows.get(`${this.#kind} ${id}`)
  }

  async findByUid(uid: string): Promise<Record<string, unknown> | undefined> {
    return [...MemoryAdapter.rows.values()].find((row) => row['kind'] === this.#kind && row['uid'] === uid)
  }

  async consume(id: string): Promise<void> {
    const row = await this.find(id)
    if (row) row['consumed'] = true
  }

  async destroy(id: string): Promise<void> {
    MemoryAdapter.rows.delete(`${this.#kind} ${id}`)
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [key, row] of MemoryAdapter.rows) if (row['grantId'] === grantId) MemoryAdapter.rows.delete(key)
  }
}

const configuration = {
  adapter: MemoryAdapter,
  claims: { openid: ['sub', 'amr'], profile: ['preferred_username', 'name', 'roles', 'groups'] },
  scopes: ['openid', 'profile'],
  // The claims of scopes are in the ID token too, as at Entra ID and Keycloak.
  conformIdTokenClaims: false,
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { enabled: true, logoutSource: askToSignOut },
  },
  interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
  pkce: { required: () => true },
  cookies: { keys: ['a key of the test'] },
  ttl: { Session: 3_600, Grant: 3_600, AccessToken: 600, IdToken: 600, Interaction: 600 },
  // oidc-provider refuses to call loopback addresses by its own dispatcher.
  fetch: (url: string, { dispatcher: _dispatcher, ...options }: RequestInit & { dispatcher?: unknown } = {}) =>
    fetch(url, options),
}

async function keys() {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  return { jwks: { keys: [{ ...(await exportJWK(privateKey)), use: 'sig', alg: 'RS256' }] } }
}

function clientsOf({ appUrl, name }: { appUrl: string; name: string }) {
  const below = `${appUrl}/api/auth/oidc/${name}`
  return {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [`${below}/callback`],
        post_logout_redirect_uris: [`${appUrl}/`],
        response_types: ['code'],
        grant_types: ['authorization_code'],
        backchannel_logout_uri: `${below}/back-channel-logout`,
        backchannel_logout_session_required: true,
        token_endpoint_auth_method: 'client_secret_basic',
      },
    ],
  }
}

/** Answers every question of the provider at once. */
async function interact(
  provider: Provider,
  person: Person | null,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response)
  const finish = (result: Record<string, unknown>) =>
    provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true })
  if (!person) return finish({ error: 'access_denied' })
  if (prompt.name === 'login') return finish({ login: { accountId: person.id, amr: person.claims['amr'] } })
  const accountId = session?.accountId ?? person.id
  const grant = new provider.Grant({ accountId, clientId: String(params['client_id']) })
  grant.addOIDCScope((prompt.details.missingOIDCScope ?? ['openid', 'profile']).join(' '))
  return finish({ consent: { grantId: grantId ?? (await grant.save()) } })
}

async function visit(start: string, { issuer, jar }: { issuer: string; jar: Jar }): Promise<string> {
  let url = start
  for (let hop = 0; hop < 12; hop += 1) {
    if (!url.startsWith(issuer)) return url
    const answer = await fetch(url, { redirect: 'manual', headers: cookies(jar) })
    for (const line of answer.headers.getSetCookie()) remember(jar, line)
    const next = answer.headers.get('location')
    if (next === null) throw new Error(`${new URL(url).pathname} answered ${answer.status}: ${await answer.text()}`)
    url = new URL(next, url).href
  }
  throw new Error('The provider redirects without an end')
}

function remember(jar: Jar, line: string): void {
  const [pair = ''] = line.split(';')
  const at = pair.indexOf('=')
  if (pair.length === at + 1) jar.delete(pair.slice(0, at))
  else jar.set(pair.slice(0, at), pair)
}

function cookies(jar: Jar): Record<string, string> {
  return { Cookie: [...jar.values()].join('; ') }
}
