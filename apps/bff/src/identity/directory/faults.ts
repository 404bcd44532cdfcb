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
import { certificateProblemOf, connectionErrorCode, isTimeout } from '../../platform/base/connection-errors.ts'
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

/** The fault of a TLS handshake that was rejected with this error. */
export function tlsFault(error: unknown): DirectoryFault {
  if (isTimeout(error)) return new DirectoryFault('timed_out', error)
  return new DirectoryFault(certificateProblemOf(error) ?? 'tls_failed', error)
}

/** The fault of resolving or connecting. */
export function connectFault(error: unknown): DirectoryFault {
  if (error instanceof AddressRefused) return new DirectoryFault('address_not_allowed', error)
  if (isTimeout(error)) return new DirectoryFault('timed_out', error)
  const isUnresolvable = ['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA'].includes(connectionErrorCode(error) ?? '')
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
