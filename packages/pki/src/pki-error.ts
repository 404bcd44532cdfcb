/** Why an upload could not be read. */
export type PkiErrorCode =
  | 'empty'
  | 'too_large'
  | 'private_key'
  | 'not_a_certificate'
  | 'too_many_certificates'
  | 'not_a_revocation_list'
  | 'not_a_request'

// Fixed sentences: a message built from the input could carry a private key into a log.
const messages: Record<PkiErrorCode, string> = {
  empty: 'There is nothing to read.',
  too_large: 'This is larger than what is accepted.',
  private_key: 'This contains a private key, which must stay where it was made.',
  not_a_certificate: 'This is not a certificate.',
  not_a_revocation_list: 'This is not a certificate revocation list.',
  not_a_request: 'This is not a certificate request.',
  too_many_certificates: 'These are more certificates than are accepted at once.',
}

/** The only error that reading an upload throws. Neither message nor fields ever hold any of the input. */
export class PkiError extends Error {
  readonly code: PkiErrorCode
  /** Which block of the bundle, counted from 1; null where the whole is meant. */
  readonly position: number | null

  constructor(code: PkiErrorCode, position: number | null = null) {
    super(messages[code])
    this.name = 'PkiError'
    this.code = code
    this.position = position
  }
}
