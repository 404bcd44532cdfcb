/** What is wrong with one field, in words that stand below it. */
import type { FieldCode } from '@gatehouse/contract/errors'

const fieldWords: Record<FieldCode, string> = {
  required: 'This is needed.',
  unknown: 'The server does not know this field.',
  invalid: 'This is not valid here.',
  too_short: 'This is too short.',
  too_long: 'This is too long.',
  too_small: 'This is too small.',
  too_large: 'This is too large.',
  username_characters: 'Letters, digits and . _ - @ : only, beginning with a letter or a digit.',
  username_taken: 'This username is taken.',
  name_taken: 'This name is taken.',
  topic: 'Not a topic: no + or #, and no $ at the beginning.',
  topic_filter: 'Not a topic filter: + stands for one whole level, # only at the very end.',
  path: 'A path begins with /.',
  unknown_role: 'This role no longer exists.',
  more_than_held: 'This is more than you hold yourself.',
  password_too_short: 'Too short.',
  password_lower: 'Too few lower-case letters.',
  password_upper: 'Too few upper-case letters.',
  password_numeric: 'Too few digits.',
  password_symbol: 'Too few symbols.',
  password_common: 'This is one of the passwords that attackers try first.',
  password_is_username: 'The password must not be the username.',
  password_same: 'This is the password that you have now.',
  wrong_password: 'This is not the right password.',
  wrong_code: 'This code is not right, or was used already.',
  code_format: 'Six digits.',
  duplicate: 'This is there already.',
  past: 'This is in the past.',
  token_grant_required: 'A token can be allowed, but not required.',
  not_a_certificate: 'There is no certificate in this.',
  private_key: 'This is a private key. It was neither stored nor logged.',
  not_a_ca: 'Not the certificate of an authority.',
  expired: 'This has expired.',
  weak_key: 'The key is too weak.',
  wrong_usage: 'Its key may not sign certificates of clients.',
  name_constraints: 'Its limit to certain names is not understood here.',
  key_too_large: 'The key is larger than is checked here.',
  unknown_critical_extension: 'It demands something that is not understood here.',
  serial_number: 'Hexadecimal digits, as openssl x509 -serial prints them.',
  unknown_issuer: 'No authority here has signed it.',
  unknown_authority: 'This authority is not here.',
  not_a_crl: 'There is no revocation list in this.',
}

/** A schema's message is one of the contract's codes, or of zod's own: then it is simply not valid. */
export function describeField(code: unknown): string {
  return fieldWords[code as FieldCode] ?? fieldWords.invalid
}
