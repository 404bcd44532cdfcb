import type { InputKind } from './input-kind.ts'

/** Why an upload could not be read. */
export type PkiErrorCode =
  | 'empty'
  | 'too_large'
  | 'private_key'
  | 'key_store'
  | 'not_a_certificate'
  | 'too_many_certificates'
  | 'not_a_revocation_list'
  | 'not_a_request'

// Fixed sentences: a message built from the input could carry a private key into a log.
const messages: Record<PkiErrorCode, string> = {
  empty: 'There is nothing to read.',
  too_large: 'This is larger than what is accepted.',
  private_key: 'This contains a private key, which must stay where it was made.',
  key_store: 'This is a key store, which may hold a private key. Export its certificates as PEM.',
  not_a_certificate: 'This is not a certificate.',
  not_a_revocation_list: 'This is not a certificate revocation list.',
  not_a_request: 'This is not a certificate request.',
  too_many_certificates: 'These are more certificates than are accepted at once.',
}

const kinds: Record<InputKind, string> = {
  certificate: 'It is a certificate.',
  certificate_request: 'It is a certificate request (CSR).',
  revocation_list: 'It is a certificate revocation list (CRL).',
  public_key: 'It is a public key without a certificate.',
  ssh_key: 'It is a key for SSH.',
  pgp: 'It is a block of OpenPGP.',
  parameters: 'It is a set of parameters.',
  cut_off: 'It is cut off: its beginning or its end is missing.',
  damaged: 'It is damaged: a character, or a line with BEGIN or END, is wrong.',
  zip: 'It is a ZIP archive.',
  pdf: 'It is a PDF document.',
  html: 'It is a page of HTML.',
}

/** The only error that reading an upload throws. Neither message nor fields ever hold any of the input. */
export class PkiError extends Error {
  readonly code: PkiErrorCode
  /** Which block of the bundle, counted from 1; null where the whole is meant. */
  readonly position: number | null
  /** What it is instead, where that can be told. */
  readonly given: InputKind | null

  constructor(code: PkiErrorCode, position: number | null = null, given: InputKind | null = null) {
    super(given === null ? messages[code] : `${messages[code]} ${kinds[given]}`)
    this.name = 'PkiError'
    this.code = code
    this.position = position
    this.given = given
  }
}
