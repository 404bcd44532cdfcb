/** Removes a broker after a question that says what stays there. */

import { brokers, type StoredBroker } from '@gatehouse/contract/brokers/brokers'
import { t } from '@lingui/core/macro'
import { useChange } from '../../api/queries.ts'
import { confirm } from '../../ui/confirm.tsx'
import { toast } from '../../ui/toast.tsx'

/** Resolves with whether it was removed. */
export function useRemoveBroker(): (broker: StoredBroker) => Promise<boolean> {
  const { mutateAsync } = useChange(brokers.remove)
  return ({ id, name, version }) =>
    confirm({
      title: t`Remove the broker ${name}?`,
      message: t`The broker goes on running with the users, roles and CAs that it has now. Later changes do not reach it: a user who is disabled here keeps all rights there.`,
      action: t`Remove`,
      run: async () => {
        await mutateAsync({ params: { id }, ifMatch: version })
        toast({ message: t`Broker ${name} removed.` })
      },
    })
}
