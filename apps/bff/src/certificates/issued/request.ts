/**
 * Reads a certificate request (CSR). Refuses one that its own key did not sign, or that our authority should not sign.
 */
import { type CertificateRequest, type RequestProblem, readRequest } from '@gatehouse/pki/read/certificate-request'
import { PkiError } from '@gatehouse/pki/read/pki-error'
import { Problem } from '../../platform/base/problem.ts'
import { unreadable } from '../authorities/unreadable.ts'

export function readGivenRequest(csr: string): CertificateRequest {
  const read = orProblem(() => readRequest(csr))
  if (typeof read !== 'string') return read
  const problem: RequestProblem = read
  throw new Problem('request_refused', { fields: { csr: problem } })
}

function orProblem<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof PkiError)) throw error
    throw unreadable(error, { field: 'csr', otherwise: 'not_a_request' })
  }
}
