/** Undoes a revocation, from the list and from the toast. */

import { type Revocation, revocations } from '@gatehouse/contract/certificates/revocations'
import { t } from '@lingui/core/macro'
import { useChange } from '../../api/queries.ts'
import { joinSentences } from '../../messages/format.ts'
import { toast } from '../../ui/toast.tsx'
import { certificateName } from './revocation-words.ts'

export function useReinstate(): (revocation: Revocation) => Promise<void> {
  const { mutateAsync } = useChange(revocations.remove)
  return async (revocation) => {
    const { live } = await mutateAsync({ params: { id: revocation.id } })
    const done = t`The certificate of ${certificateName(revocation)} is trusted again.`
    toast({ message: joinSentences([done, !live && t`The broker has not confirmed yet.`]) })
  }
}
