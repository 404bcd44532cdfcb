/**
 * Rule: the private key is made in this browser and is never sent. The request that goes to the server does not contain it. No
 * cache keeps it: it is returned once, to the dialog that saves it.
 */
import { clientCertificates } from '@gatehouse/contract/certificates/issued'
import type { Input } from '@gatehouse/contract/client'
import type { Answer } from '@gatehouse/contract/route'
import type { ClientKeyKind } from '@gatehouse/pki/make/client-request'
import { call } from '../../api/client.ts'

export type Issued = Answer<typeof clientCertificates.create> & {
  /** PKCS#8, DER. Null: the person who made the CSR has the key. */
  privateKey: Uint8Array<ArrayBuffer> | null
}

/** Makes a key and a request for it, and has the server issue the certificate. `input` has no request yet. */
export async function issueWithNewKey(
  kind: ClientKeyKind,
  username: string,
  input: Input<typeof clientCertificates.create>,
): Promise<Issued> {
  const { armour, makeClientRequest } = await import('@gatehouse/pki/make/client-request')
  const { request, privateKey } = await makeClientRequest(kind, username)
  const csr = armour('CERTIFICATE REQUEST', request)
  return { ...(await call(clientCertificates.create, { ...input, body: { ...input.body, csr } })), privateKey }
}
