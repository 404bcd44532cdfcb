/**
 * One sign-in that is under way at a provider. It is kept in the browser, in a sealed cookie: nothing is stored for a sign-in that
 * nobody completes. `SameSite=Lax`, because the provider sends the browser back from another site; the session cookie is `Strict`
 * and does not come along.
 */
import type { Keyring } from '../../platform/base/keyring.ts'
import type { Challenge } from './relying-party.ts'

export const purposes = ['sign-in', 'link', 'step-up'] as const
export type Purpose = (typeof purposes)[number]

export interface Flow extends Challenge {
  purpose: Purpose
  /** The id of the provider. The answer of another one is refused (mix-up). */
  providerId: string
  /** The session that the browser had at the start: the one that is replaced, or that the proof is for. */
  sessionId: string | null
  redirectUri: string
  /** A path of the console. */
  to: string
  startedAt: number
}

/** As long as a person may take at the provider. */
export const flowMs = 10 * 60_000
/** Sign-ins under way in one browser, each in a tab. A further one replaces the oldest. */
export const maxFlows = 3
/** A cookie that is longer was not made here. */
const maxSealedLength = 3_000

export function seal(keyring: Keyring, flow: Flow): string {
  return toUrlSafe(keyring.encrypt(JSON.stringify(flow), sealedAs))
}

/** Null: not sealed here, or older than ten minutes. */
export function unseal(keyring: Keyring, sealed: string, now: number): Flow | null {
  if (sealed.length > maxSealedLength) return null
  try {
    const flow = JSON.parse(keyring.decrypt(sealed, sealedAs)) as Flow
    const ageMs = now - flow.startedAt
    return ageMs >= -flowMs && ageMs < flowMs ? flow : null
  } catch {
    return null
  }
}

/** The part of the cookie's name by which the answer finds its flow. */
export function flowKey(state: string): string {
  return state.slice(0, 12)
}

/** A path of the console. Anything that could lead to another origin becomes the start page. */
export function safePath(text: unknown): string {
  if (typeof text !== 'string' || text.length > 500 || !/^\/[\x21-\x7e]*$/.test(text)) return '/'
  // `//` and `/\` name another host in browsers.
  if (text.includes('\\') || !URL.canParse(text, base)) return '/'
  const url = new URL(text, base)
  if (url.origin !== base || url.pathname.startsWith('//') || url.pathname.startsWith('/api/')) return '/'
  return url.pathname + url.search
}

const base = 'https://console.invalid'
const sealedAs = 'single sign-on flow'

function toUrlSafe(base64: string): string {
  return Buffer.from(base64, 'base64').toString('base64url')
}
