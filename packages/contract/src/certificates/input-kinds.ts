/** What was given instead of a certificate, a request or a list: `facts.given` of a refusal, where it can be told. */
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
