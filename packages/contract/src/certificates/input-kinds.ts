/** What was uploaded instead of a certificate, a request or a CRL: `facts.given` of a refusal, if it was detected. */
export const inputKinds = [
  'certificate',
  'certificate_request',
  'revocation_list',
  'public_key',
  'ssh_key',
  'pgp',
  'parameters',
  'cut_off',
  'damaged',
  'zip',
  'pdf',
  'html',
] as const
export type InputKind = (typeof inputKinds)[number]
