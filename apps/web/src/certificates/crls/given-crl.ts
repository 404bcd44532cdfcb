/** Reads a given CRL and converts it to PEM. */

import { maxListBytes } from '@gatehouse/contract/certificates/crls'
import { t } from '@lingui/core/macro'
import { formatMebibytes } from '../../messages/format.ts'
import { asked, readBytes, refusal } from '../files/given-file.ts'

/** PEM as it is, DER as base64. Throws `ApiProblem`, as the server would. */
export async function readList(file: File): Promise<string> {
  const sent = readBytes(await file.arrayBuffer(), file.name, asked.list)
  const size = JSON.stringify(sent).length
  if (size > maxListBytes - 100) {
    const most = formatMebibytes(maxListBytes)
    throw refusal(
      'too_large',
      t`${file.name} has ${formatMebibytes(size)} MiB. The maximum is ${most} MiB. It was not sent.`,
    )
  }
  return sent
}
