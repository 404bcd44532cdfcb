/** Rule: a private key is made here, given to nobody, and forgotten once it was taken. What is sent is a request, which holds none. */
import { clientCertificates } from '@gatehouse/contract/certificates/issued'
import { useRef } from 'react'
import { type Change, useChange } from '../../api/queries.ts'
import type { Holder } from './certificate-dialogs.ts'

export interface Issuing {
  /** Takes the kind of a key in the place of a request: both are then made. */
  change: Change<typeof clientCertificates.create>
  /** Of the last certificate, once; null where somebody else made it. */
  takePrivateKey(): Uint8Array<ArrayBuffer> | null
}

export function useIssuing({ username }: Holder): Issuing {
  const held = useRef<Uint8Array<ArrayBuffer> | null>(null)
  const change = useChange(clientCertificates.create, {
    invalidates: [clientCertificates.list],
    prepare: async (input) => {
      held.current = null
      const { armour, clientKeyKinds, makeClientRequest } = await import('@gatehouse/pki/make/client-request')
      const kind = clientKeyKinds.find((one) => one === input.body.csr)
      if (!kind) return input
      const { request, privateKey } = await makeClientRequest(kind, username)
      held.current = privateKey
      return { ...input, body: { ...input.body, csr: armour('CERTIFICATE REQUEST', request) } }
    },
  })
  return {
    change,
    takePrivateKey: () => {
      const key = held.current
      held.current = null
      return key
    },
  }
}
