/** One file of a CA and its key, as text. What cannot be taken is named; nothing of it is sent. */

import { decodeText } from '@gatehouse/pki/read/input-text'
import { isKeyStore } from '@gatehouse/pki/read/key-store'
import { hasPrivateKeyShape } from '@gatehouse/pki/read/private-key'
import { t } from '@lingui/core/macro'
import { asked, readBytes, refusal } from '../files/given-file.ts'

/** PEM stays as it is; a certificate in DER or PKCS#7 gets its armour. Throws `ApiProblem`. */
export async function readPairFile(file: File): Promise<string> {
  const content = await file.arrayBuffer()
  const bytes = new Uint8Array(content)
  if (isKeyStore(bytes)) throw refusal('key_store', t`${file.name} was not sent. ${storeAdvice}`)
  const text = decodeText(bytes)
  if (text.includes('-----BEGIN ')) return text
  if (hasPrivateKeyShape(bytes)) throw refusal('not_a_private_key', t`${file.name} was not sent. ${derAdvice}`)
  return readBytes(content, file.name, asked.certificates)
}

const storeAdvice = t`Export the certificate and its key as PEM: openssl pkcs12 -in ca.p12 -out ca.pem. Upload that file, and delete it afterwards.`
const derAdvice = t`It is a private key in DER. Convert it to PEM: openssl pkey -inform DER -in ca.key -out ca.pem.`
