/** A certificate request as a person gave it. */
import { t } from '@lingui/core/macro'
import { isRefusal } from '../../api/client.ts'
import { asked, readBytes, readText, refusal } from '../files/given-file.ts'

/** As the server has it. */
const maxBytes = 64 * 1024

/** PEM as it is, DER as base64. Throws `ApiProblem`, as the server would. */
export async function readRequestFile(file: File): Promise<string> {
  if (file.size > maxBytes) throw refusal('too_large', t`${file.name} is too large for a request. It was not sent.`)
  return readBytes(await file.arrayBuffer(), file.name, asked.request)
}

/** Refuses only private keys: unfinished text may still become a request, which the server judges. Throws `ApiProblem`. */
export function readRequestText(text: string, source: string): string {
  try {
    readText(text, source, asked.request)
  } catch (error) {
    if (isRefusal(error, 'private_key') || isRefusal(error, 'key_store')) throw error
  }
  return text
}
