import type { InputKind } from './input-kind.ts'

/** Why uploaded input cannot be used. */
export type PkiErrorCode =
  | 'empty'
  | 'too_large'
  | 'private_key'
  | 'key_store'
  | 'not_a_certificate'
  | 'too_many_certificates'
  | 'not_a_revocation_list'
  | 'not_a_request'

// Fixed sentences: a message built from the input could write a private key into a log.
const messages: Record<PkiErrorCode, string> = {
  empty: 'The input is empty.',
  too_large: 'The input is too large.',
  private_key: 'This contains a private key. Keep it where it was made and upload only the certificate.',
  key_store: 'This is a key store, which may hold a private key. Export its certificates as PEM.',
  not_a_certificate: 'This is not a certificate.',
  not_a_revocation_list: 'This is not a certificate revocation list.',
  not_a_request: 'This is not a certificate request.',
  too_many_certificates: 'These are too many certificates for one upload.',
}

const kinds: Record<InputKind, string> = {
  certificate: 'It is a certificate.',
  certificate_request: 'It is a certificate request (CSR).',
  revocation_list: 'It is a certificate revocation list (CRL).',
  public_key: 'It is a public key without a certificate.',
  ssh_key: 'It is an SSH key.',
  pgp: 'It is an OpenPGP block.',
  parameters: 'It is a set of parameters.',
  cut_off: 'It is cut off: its beginning or its end is missing.',
  damaged: 'It is damaged: a character, or a line with BEGIN or END, is wrong.',
  zip: 'It is a ZIP archive.',
  pdf: 'It is a PDF document.',
  html: 'It is an HTML page.',
}

/** The only error of reading uploaded input. Its message and fields never contain any of the input. */
export class PkiError extends Error {
  readonly code: PkiErrorCode
  /** The block of the bundle, counted from 1; null for the whole input. */
  readonly position: number | null
  /** What the input is instead, if it was detected. */
  readonly given: InputKind | null

  constructor(code: PkiErrorCode, position: number | null = null, given: InputKind | null = null) {
    super(given === null ? messages[code] : `${messages[code]} ${kinds[given]}`)
    this.name = 'PkiError'
    this.code = code
    this.position = position
    this.given = given
  }
}
