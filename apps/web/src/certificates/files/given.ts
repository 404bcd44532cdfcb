/** What was given instead of a certificate, a request or a list, and what to do with it. */

import { type InputKind, inputKinds } from '@gatehouse/contract/certificates/input-kinds'
import { ApiProblem } from '@gatehouse/contract/client'
import { t } from '@lingui/core/macro'

export const givenWords: Record<InputKind, string> = {
  certificate: t`This is a certificate.`,
  certificate_request: t`This is a certificate request (CSR) that is not signed yet. Issue a certificate from it on the page of the device, or let your CA sign it.`,
  revocation_list: t`This is a CRL. Upload it in the details of its CA, under Authorities.`,
  public_key: t`This is only a public key. Use the certificate that contains it.`,
  ssh_key: t`This is an SSH key. SSH certificates are not TLS certificates (X.509).`,
  pgp: t`This is an OpenPGP block, not a TLS certificate (X.509).`,
  parameters: t`These are key parameters. Use the certificate.`,
  cut_off: t`It is cut off: its beginning or its end is missing. Copy it again, from the BEGIN line to the END line.`,
  damaged: t`It is damaged: a character or a BEGIN or END line is wrong. Copy it again from the file.`,
  zip: t`This is a ZIP archive. Extract it and use its files.`,
  pdf: t`This is a PDF document. Use the certificate file itself.`,
  html: t`This is an HTML page, for example a sign-in page. Download the file again.`,
}

/** Of a refusal by the server. */
export function givenIn(error: unknown): InputKind | null {
  const given = error instanceof ApiProblem ? error.problem.facts?.['given'] : null
  return inputKinds.find((kind) => kind === given) ?? null
}
