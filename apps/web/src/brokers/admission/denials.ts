import { type DeniedDevice, deniedDevices } from '@gatehouse/contract/brokers/admission-rules'
import { t } from '@lingui/core/macro'
import { useChange } from '../../api/queries.ts'
import { confirm } from '../../ui/confirm.tsx'
import { toast } from '../../ui/toast.tsx'

export function useDeny(): (username: string) => Promise<boolean> {
  const { mutateAsync } = useChange(deniedDevices.deny)
  return (username) =>
    confirm({
      title: t`Deny ${username}?`,
      message: t`No admission rule admits this name until it is allowed again. Someone can still add it as a device.`,
      action: t`Deny`,
      run: async () => {
        await mutateAsync({ body: { username } })
        toast({ message: t`No rule admits ${username}.` })
      },
    })
}

export function useAllowAgain(): (denied: DeniedDevice) => Promise<boolean> {
  const { mutateAsync } = useChange(deniedDevices.forgive)
  return ({ username }) =>
    confirm({
      title: t`Allow ${username} again?`,
      message: t`If an admission rule fits, the device is admitted at its next connection.`,
      action: t`Allow again`,
      run: async () => {
        await mutateAsync({ params: { username } })
        toast({ message: t`A rule may admit ${username} again.` })
      },
    })
}
