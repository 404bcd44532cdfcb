/** Why a connection to another server failed, by the codes of Node and OpenSSL. */

export type CertificateProblem = 'certificate_wrong_name' | 'certificate_expired' | 'certificate_not_trusted'

const certificateProblems: Readonly<Record<string, CertificateProblem>> = {
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

/** What is wrong with the certificate of the server. Null: the error is not about the certificate. */
export function certificateProblemOf(error: unknown): CertificateProblem | null {
  return certificateProblems[connectionErrorCode(error) ?? ''] ?? null
}

/** Did an `AbortSignal` end the attempt? */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError')
}

/** The error of the system or of TLS by its name, such as `ECONNREFUSED` or `SELF_SIGNED_CERT_IN_CHAIN`. */
export function connectionErrorCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
}
