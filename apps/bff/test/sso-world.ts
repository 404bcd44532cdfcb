/** An app, an OpenID provider, and browsers that go between the two as real ones do: with `SameSite`. */
import { roles } from '@gatehouse/contract/access/roles'
import { identityProviders, type OidcProvider } from '@gatehouse/contract/identity/providers'
import { type Browser, startApp, type TestApp } from './app.ts'
import { freshAdmin } from './authenticator.ts'
import { type Jar, type OpenIdProvider, startOpenIdProvider } from './openid-provider.ts'

export interface SsoBrowser extends Browser {
  /** The cookies at the provider. */
  there: Jar
}

export interface SsoWorld {
  app: TestApp
  idp: OpenIdProvider
  /** Gives permissions below `line-3` in MQTT, and is mapped from `operator`. */
  roleId: string
  provider: OidcProvider
  open(): SsoBrowser
  /** Starts a flow and answers what the provider sends the browser back to, or the refusal. */
  begin(browser: SsoBrowser, search?: string): Promise<string>
  /** Opens the callback. Returns where the page goes on to. */
  finish(browser: SsoBrowser, callback: string): Promise<string>
  signIn(browser: SsoBrowser, search?: string): Promise<string>
  /** A person of the provider; the next to sign in. */
  be(id: string, claims?: Record<string, unknown>): void
  stop(): Promise<void>
}

export async function startSsoWorld(): Promise<SsoWorld> {
  const [app, idp] = await Promise.all([startApp(), startOpenIdProvider()])
  await idp.register(app.url, 'sso')
  const admin = await freshAdmin(app)
  const permissions = [{ context: 'mqtt', resource: 'line-3/#', operation: 'readWrite' } as const]
  const { id: roleId } = await admin(roles.create, { body: { name: 'line-3', permissions } })
  const provider = await addProvider(admin, idp, { name: 'sso', mappings: [{ source: 'operator', roleId }] })
  const world: SsoWorld = {
    app,
    idp,
    roleId,
    provider,
    open: () => ({ ...app.browser(), there: new Map() }),
    begin: async (browser, search = '') => {
      const answer = await browser.fetch(`${app.url}/api/auth/oidc/sso/start${search}`, { redirect: 'manual' })
      const url = answer.headers.get('location')
      return url === null ? goesOnTo(answer) : idp.visit(url, browser.there)
    },
    finish: async (browser, callback) => {
      const strict = ['gatehouse', 'gatehouse-device'].map((name) => [name, browser.jar.get(name)] as const)
      // The browser comes from another site.
      for (const [name] of strict) browser.jar.delete(name)
      const answer = await browser.fetch(callback, { redirect: 'manual' })
      for (const [name, pair] of strict) {
        if (pair !== undefined && !browser.jar.has(name)) browser.jar.set(name, pair)
      }
      return goesOnTo(answer)
    },
    signIn: async (browser, search) => {
      const callback = await world.begin(browser, search)
      return callback.startsWith(app.url) ? world.finish(browser, callback) : callback
    },
    be: (id, claims = {}) => {
      idp.person = { id, claims: { preferred_username: id, roles: [], ...claims } }
    },
    stop: async () => {
      await app.stop()
      await idp.stop()
    },
  }
  return world
}

export async function addProvider(
  admin: Browser['call'],
  idp: Pick<OpenIdProvider, 'issuer' | 'clientId' | 'clientSecret'>,
  { name, mappings = [] }: { name: string; mappings?: OidcProvider['mappings'] },
): Promise<OidcProvider> {
  const { issuer, clientId, clientSecret: secret } = idp
  const settings = { issuer, clientId, mayBePrivate: true, logoutAtProvider: true }
  const added = await admin(identityProviders.create, {
    body: { kind: 'oidc', name, label: 'Company account', secret, mappings, settings },
  })
  if (added.kind !== 'oidc') throw new Error('The app made another kind of provider')
  return added
}

async function goesOnTo(answer: Response): Promise<string> {
  return /content="0;url=([^"]+)"/.exec(await answer.text())?.[1] ?? `${answer.status}`
}
