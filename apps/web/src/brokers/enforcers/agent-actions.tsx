/** What an administrator does with the agent of a broker. */

import { enforcers } from '@gatehouse/contract/brokers/enforcers'
import { t } from '@lingui/core/macro'
import { useChange } from '../../api/queries.ts'
import { confirm } from '../../ui/confirm.tsx'
import { toast, toastError } from '../../ui/toast.tsx'
import { shownEnrolment } from './shown-enrolment.ts'

interface OfBroker {
  id: string
  /** Of the broker. */
  name: string
}

/** Makes a token and shows it with the command. */
export function useEnrolAgent(): (broker: OfBroker & { replaces: boolean }) => Promise<void> {
  const { mutateAsync } = useChange(enforcers.enrol)
  return async ({ id, name, replaces }) => {
    try {
      const made = await mutateAsync({ params: { id } })
      await shownEnrolment.open({ ...made, name, replaces })
    } catch (error) {
      toastError(error)
    }
  }
}

export function useRevokeAgent(): (broker: OfBroker) => Promise<boolean> {
  const { mutateAsync } = useChange(enforcers.revoke)
  return ({ id, name }) =>
    confirm({
      title: t`Revoke the agent of ${name}?`,
      message: t`Its certificate is refused at once. The broker keeps the users and rights that it has, so later changes, such as disabling a user, have no effect there until another agent is enrolled.`,
      action: t`Revoke`,
      run: async () => {
        await mutateAsync({ params: { id } })
        toast({ message: t`Agent of ${name} revoked.` })
      },
    })
}

export function useRestoreByAgent(): (broker: OfBroker) => Promise<boolean> {
  const { mutateAsync } = useChange(enforcers.restore)
  return ({ id, name }) =>
    confirm({
      title: t`Undo changes made on ${name} itself?`,
      message: t`Clients, roles and groups that Gatehouse did not make are deleted on the broker, and its users get exactly the rights that they have here. Connections of the users concerned end.`,
      action: t`Undo`,
      run: async () => {
        await mutateAsync({ params: { id } })
        toast({ message: t`The broker is as Gatehouse wants it.` })
      },
    })
}

export function useCancelEnrolment(): (broker: { id: string }) => void {
  const { mutate } = useChange(enforcers.cancel)
  return ({ id }) => mutate({ params: { id } }, { onError: toastError })
}
