/** What an administrator does with the CA of the agents. */

import { enforcers, type ListedEnforcer } from '@gatehouse/contract/brokers/enforcers'
import { t } from '@lingui/core/macro'
import { useChange } from '../../api/queries.ts'
import { confirm } from '../../ui/confirm.tsx'
import { toast } from '../../ui/toast.tsx'

export function useReplaceAuthority(): () => Promise<boolean> {
  const { mutateAsync } = useChange(enforcers.replaceAuthority)
  return () =>
    confirm({
      title: t`Replace the CA of the agents?`,
      message: t`Each agent stores the next CA and gets a certificate of it as soon as it is connected. When all agents use such a certificate, the current CA is no longer trusted. Open enrolment tokens then become invalid.`,
      action: t`Replace`,
      harmless: true,
      run: async () => {
        await mutateAsync({})
        toast({ message: t`The CA of the agents is being replaced.` })
      },
    })
}

/** `missing`: agents without a certificate of the next CA. */
export function useCompleteAuthority(): (missing: readonly ListedEnforcer[]) => Promise<boolean> {
  const { mutateAsync } = useChange(enforcers.completeAuthority)
  return (missing) =>
    confirm({
      title: t`Stop trusting the current CA of the agents?`,
      message:
        missing.length === 0
          ? t`All agents have a certificate of the next CA.`
          : t`These agents have no certificate of the next CA. They are revoked at once, and must be enrolled again.`,
      notes: missing.map(({ broker, host }) => t`${broker.name} on ${host}`),
      action: t`Complete`,
      run: async () => {
        await mutateAsync({ body: { revokes: missing.map(({ id }) => id) } })
        toast({ message: t`The CA of the agents was replaced.` })
      },
    })
}
