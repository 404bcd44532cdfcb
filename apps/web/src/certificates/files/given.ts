/** What was given instead of a certificate, a request or a list, and what to do with it. */

import { type InputKind, inputKinds } from '@gatehouse/contract/certificates/input-kinds'
import { ApiProblem } from '@gatehouse/contract/client'
import { t } from '@lingui/core/macro'

export const givenWords: Record<InputKind, string> = {
  certificate: t`It is a certificate.`,
  certificate_request: t`It is a certificate request (CSR), which nobody has signed yet. Issue a certificate from it in Edit User, under Certificates, or have your CA sign it.`,
  revocation_list: t`It is a revocation list (CRL). Upload it in the details of the authority that made it, under Authorities.`,
  public_key: t`It is a public key alone. Give the certificate that it is in.`,
  ssh_key: t`It is a key for SSH. Certificates of SSH are of another kind than those of TLS (X.509).`,
  pgp: t`It is a block of OpenPGP, not of TLS (X.509).`,
  parameters: t`It is a set of parameters for keys. Give the certificate.`,
  cut_off: t`It is cut off: its beginning or its end is missing. Copy it again, from the line with BEGIN to the line with END.`,
  damaged: t`It is damaged: a character, or a line with BEGIN or END, is wrong. Copy it again from the file.`,
  zip: t`It is a ZIP archive. Unpack it, and give the files in it.`,
  pdf: t`It is a PDF document. Give the file of the certificate itself.`,
  html: t`It is a page of HTML, such as a page for signing in. Download the file again.`,
}

/** Of a refusal by the server. */
export function givenIn(error: unknown): InputKind | null {
  const given = error instanceof ApiProblem ? error.problem.facts?.['given'] : null
  return inputKinds.find((kind) => kind === given) ?? null
}
