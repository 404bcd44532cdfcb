/** A revocation list as a person gave it, as the one text that the server reads. What is surely a private key does not leave the browser. */
import { maxListBytes } from '@gatehouse/contract/revocation-lists'
import { inMebibytes, keptHere, refusal, toBase64 } from './given-certificates.ts'

/** PEM as it is, DER as base64. Throws `ApiProblem`, as the server would. */
export async function readList(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  const text = new TextDecoder().decode(bytes)
  if (/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(text)) throw refusal('private_key', keptHere(file.name))
  const sent = text.includes('-----BEGIN ') || bytes[0] !== 0x30 ? text : toBase64(bytes)
  const size = JSON.stringify(sent).length
  if (size > maxListBytes - 100) {
    const most = inMebibytes(maxListBytes)
    throw refusal('too_large', `${file.name} takes ${inMebibytes(size)} MiB; at most ${most} MiB fit. It was not sent.`)
  }
  return sent
}
