/** What goes wrong with a directory, as codes. Answers of the directory itself are never shown: they may hold names and paths. */
import type { ProviderTestStep } from '@gatehouse/contract/identity/provider-test'
import {
  AdminLimitExceededError,
  InsufficientAccessError,
  InvalidCredentialsError,
  NoSuchObjectError,
  ResultCodeError,
  SizeLimitExceededError,
} from 'ldapts'
import { AddressRefused } from '../../platform/outbound/addresses.ts'

export type DirectoryProblem = NonNullable<ProviderTestStep['problem']>

/** The directory could not be asked, or gave an answer that cannot be used. It never means that a password was wrong. */
export class DirectoryFault extends Error {
  readonly problem: DirectoryProblem

  constructor(problem: DirectoryProblem, cause?: unknown) {
    super(problem, { cause })
    this.name = 'DirectoryFault'
    this.problem = problem
  }
}

/** Error codes of Node and OpenSSL that say more than that TLS failed. */
const tlsProblems: Record<string, DirectoryProblem> = {
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate_wrong_name',
  CERT_HAS_EXPIRED: 'certificate_expired',
  CERT_NOT_YET_VALID: 'certificate_expired',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate_not_trusted',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate_not_trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate_not_trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate_not_trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate_not_trusted',
  CERT_UNTRUSTED: 'certificate_not_trusted',
  CERT_SIGNATURE_FAILURE: 'certificate_not_trusted',
  CERT_REVOKED: 'certificate_not_trusted',
  INVALID_CA: 'certificate_not_trusted',
}

/** The fault of a TLS handshake that was rejected with this error. */
export function tlsFault(error: unknown): DirectoryFault {
  if (isTimeout(error)) return new DirectoryFault('timed_out', error)
  return new DirectoryFault(tlsProblems[codeOf(error) ?? ''] ?? 'tls_failed', error)
}

/** The fault of resolving or connecting. */
export function connectFault(error: unknown): DirectoryFault {
  if (error instanceof AddressRefused) return new DirectoryFault('address_not_allowed', error)
  if (isTimeout(error)) return new DirectoryFault('timed_out', error)
  const isUnresolvable = ['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA'].includes(codeOf(error) ?? '')
  return new DirectoryFault(isUnresolvable ? 'not_resolved' : 'refused_connection', error)
}

/** The directory gives this account no more. A list that ends like this is not complete. */
const limits = [InsufficientAccessError, SizeLimitExceededError, AdminLimitExceededError]

/** The fault of a request over an open connection. */
export function requestFault(error: unknown): DirectoryFault {
  if (error instanceof DirectoryFault) return error
  if (error instanceof InvalidCredentialsError) return new DirectoryFault('wrong_secret', error)
  if (error instanceof NoSuchObjectError) return new DirectoryFault('base_not_found', error)
  if (limits.some((limit) => error instanceof limit)) return new DirectoryFault('not_permitted_there', error)
  if (error instanceof ResultCodeError) return new DirectoryFault('unexpected_answer', error)
  // The client library has no class for its own time limit.
  const isLate = error instanceof Error && error.message.includes('timed out')
  return new DirectoryFault(isLate ? 'timed_out' : 'refused_connection', error)
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError')
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
}
