/** Why a sign-in at a provider failed, as a code of ours. What the provider answered stays in the log. */
import type { ErrorCode } from '@gatehouse/contract/errors'
import { isStorageFull, isUnavailable } from '../../platform/base/database-errors.ts'
import { Problem } from '../../platform/base/problem.ts'
import { OutboundFault } from '../../platform/outbound/outbound-fetch.ts'

/**
 * `provider_unavailable`: no answer, or none that makes sense. `sso_denied`: the provider or the person has cancelled. `sso_clock`:
 * a time in the token is not acceptable. `sso_failed`: anything else, a forged answer included.
 */
export function codeOfFault(error: unknown): ErrorCode {
  if (error instanceof Problem) return error.code
  if (isStorageFull(error)) return 'storage_full'
  if (isUnavailable(error)) return 'unavailable'
  const chain = causesOf(error)
  if (chain.some((each) => each instanceof OutboundFault)) return 'provider_unavailable'
  for (const each of chain) {
    const code = codes[codeOf(each)]
    if (code) return code
    if (isAboutTime(each)) return 'sso_clock'
    if (nameOf(each) === 'AuthorizationResponseError') return isDenied(each) ? 'sso_denied' : 'sso_failed'
  }
  return 'sso_failed'
}

/** The codes of openid-client and jose. */
const codes: Record<string, ErrorCode | undefined> = {
  OAUTH_JWT_TIMESTAMP_CHECK_FAILED: 'sso_clock',
  ERR_JWT_EXPIRED: 'sso_clock',
  OAUTH_RESPONSE_IS_NOT_CONFORM: 'provider_unavailable',
  OAUTH_RESPONSE_IS_NOT_JSON: 'provider_unavailable',
  OAUTH_PARSE_ERROR: 'provider_unavailable',
  ERR_JWKS_TIMEOUT: 'provider_unavailable',
}

/** A time claim that jose refuses, such as `iat` in the future. */
function isAboutTime(error: unknown): boolean {
  return error instanceof Error && 'claim' in error && ['iat', 'nbf', 'exp'].includes(String(error.claim))
}

const deniedAtProvider = new Set(['access_denied', 'login_required', 'interaction_required', 'consent_required'])

function isDenied(error: unknown): boolean {
  return error instanceof Error && 'error' in error && deniedAtProvider.has(String(error.error))
}

/**
 * For the log: what the libraries say, and the error word of the provider (RFC 6749 §5.2). Never its texts, codes or tokens: a
 * `SyntaxError` quotes the answer, so its message is left out.
 */
export function describeFault(error: unknown): string[] {
  return causesOf(error).map((each) => {
    const word = each instanceof Error && 'error' in each ? String(each.error).replace(/[^a-z_]/g, '') : ''
    const reason = each instanceof OutboundFault ? each.reason : ''
    const message = each instanceof Error && !(each instanceof SyntaxError) ? each.message.slice(0, 200) : ''
    return [nameOf(each), codeOf(each), reason, word.slice(0, 60), message].filter((part) => part !== '').join(' ')
  })
}

/** The error and what caused it, at most ten. */
export function causesOf(error: unknown): unknown[] {
  const chain: unknown[] = []
  for (let each = error; each !== undefined && each !== null && chain.length < 10; ) {
    chain.push(each)
    each = each instanceof Error ? each.cause : undefined
  }
  return chain
}

/** The code of openid-client or jose, or an empty text. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : ''
}
