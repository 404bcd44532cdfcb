/** What a provider publishes about itself: its endpoints (OpenID Connect Discovery 1.0) and its keys. Cached in memory. */
import type { OidcSettings } from '@gatehouse/contract/identity/provider-settings'
import type { createRemoteJWKSet } from 'jose'
import { LRUCache } from 'lru-cache'
import type { CustomFetch, ServerMetadata } from 'openid-client'
import type { Clock } from '../../platform/base/clock.ts'
import { makeOutboundFetch, type OutboundFetch, type ProxyEnvironment } from '../../platform/outbound/outbound-fetch.ts'

/** How the server is reached. A change of one of them makes other facts. */
export type ProviderAddress = Pick<OidcSettings, 'issuer' | 'authorities' | 'mayBePrivate'>

export interface ProviderFacts {
  metadata: ServerMetadata
  /** For `jwtVerify`. It fetches the keys again for an unknown `kid`, at most every ten seconds. */
  keys: ReturnType<typeof createRemoteJWKSet>
  fetch: CustomFetch
}

/** Of one call to the provider. */
export const providerTimeoutMs = 5_000
const maxBytes = 512 * 1024
const keptMs = 60 * 60_000
const keysKeptMs = 10 * 60_000
const keysCooldownMs = 10_000
/** How long a failure is remembered, so that many sign-ins do not ask a provider that is down again and again. */
const failureKeptMs = 5_000
/** Addresses of providers at a time. A change of the settings adds one, until the oldest is dropped. */
const maxKept = 64

interface Kept {
  facts: Promise<ProviderFacts>
  until: number
}

export class ProviderFactsCache {
  readonly #clock: Clock
  readonly #proxy: ProxyEnvironment
  readonly #kept = new LRUCache<string, Kept>({ max: maxKept })

  constructor({ clock, proxy }: { clock: Clock; proxy: ProxyEnvironment }) {
    this.#clock = clock
    this.#proxy = proxy
  }

  /** Rejects with an error for `codeOfFault`. Calls at the same time share one request. */
  factsOf({ issuer, authorities, mayBePrivate }: ProviderAddress): Promise<ProviderFacts> {
    const key = JSON.stringify([issuer, authorities, mayBePrivate])
    const now = this.#clock.now().getTime()
    const known = this.#kept.get(key)
    // A time that a wrong clock stored too far ahead does not count.
    if (known && known.until > now && known.until <= now + keptMs) return known.facts
    const facts = this.#load({ issuer, authorities, mayBePrivate })
    const kept = { facts, until: now + keptMs }
    this.#kept.set(key, kept)
    facts.catch(() => {
      kept.until = this.#clock.now().getTime() + failureKeptMs
    })
    return facts
  }

  async #load(address: ProviderAddress): Promise<ProviderFacts> {
    // Loaded on first use: the two cost a twentieth of a start.
    const [oidc, jose] = await Promise.all([import('openid-client'), import('jose')])
    const { authorities, mayBePrivate } = address
    const outbound = { authorities, mayBePrivate, timeoutMs: providerTimeoutMs, maxBytes, proxy: this.#proxy }
    const outboundFetch = makeOutboundFetch(outbound)
    const fetch = customFetch(outboundFetch)
    const configuration = await oidc.discovery(new URL(address.issuer), 'gatehouse', undefined, undefined, {
      [oidc.customFetch]: fetch,
      execute: isPlain(address) ? [oidc.allowInsecureRequests] : [],
    })
    const metadata = configuration.serverMetadata()
    const keys = jose.createRemoteJWKSet(endpointOf(metadata.jwks_uri, address), {
      [jose.customFetch]: (url, { headers }) => outboundFetch(url, { headers: Object.fromEntries(headers) }),
      timeoutDuration: providerTimeoutMs,
      cooldownDuration: keysCooldownMs,
      cacheMaxAge: keysKeptMs,
    })
    return { metadata, keys, fetch }
  }
}

/** Plain HTTP: only to this machine, where `judge` allows it. */
export function isPlain({ issuer }: Pick<OidcSettings, 'issuer'>): boolean {
  return new URL(issuer).protocol === 'http:'
}

/** Throws `TypeError` where the endpoint is missing, or is plain HTTP beside an issuer with HTTPS. */
function endpointOf(text: string | undefined, address: ProviderAddress): URL {
  const url = new URL(text ?? '')
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isPlain(address))) throw new TypeError('not HTTPS')
  return url
}

function customFetch(fetch: OutboundFetch): CustomFetch {
  return (url, { method, headers, body }) =>
    fetch(url, {
      method,
      headers: { ...headers, 'user-agent': 'gatehouse' },
      body: body === null || body === undefined ? null : bodyText(body),
    })
}

/** Only forms are sent. */
function bodyText(body: NonNullable<Parameters<CustomFetch>[1]['body']>): string {
  if (typeof body === 'string' || body instanceof URLSearchParams) return body.toString()
  throw new TypeError('not a form')
}
