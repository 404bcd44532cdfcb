/** Taking a revocation back: from the list, and from the line that says what was just done. */

import { broker } from '@gatehouse/contract/brokers/broker'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { clientCertificates } from '@gatehouse/contract/certificates/issued'
import { type Revocation, revocations } from '@gatehouse/contract/certificates/revocations'
import { useChange } from '../../api/queries.ts'
import { toast } from '../../ui/toast.tsx'
import { certificateName } from './revocation-words.ts'

/** Whose answers a revocation may alter. */
export const touchedByRevocation = [
  revocations.list,
  clientCertificates.list,
  broker.connections,
  broker.view,
  authorities.list,
]

export function useReinstate(): (revocation: Revocation) => Promise<void> {
  const { mutateAsync } = useChange(revocations.remove, { invalidates: touchedByRevocation })
  return async (revocation) => {
    const { live } = await mutateAsync({ params: { id: revocation.id } })
    const confirmed = live ? '' : ' The broker has not confirmed it yet.'
    toast({ message: `The certificate of ${certificateName(revocation)} is believed again.${confirmed}` })
  }
}
