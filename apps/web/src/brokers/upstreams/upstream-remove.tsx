/** Deletes an upstream after a question. */

import { type Upstream, upstreams } from '@gatehouse/contract/brokers/upstreams'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useChange } from '../../api/queries.ts'
import { Machine } from '../../ui/badges.tsx'
import { confirm } from '../../ui/confirm.tsx'
import { toast } from '../../ui/toast.tsx'

export function useRemoveUpstream(): (upstream: Upstream) => Promise<boolean> {
  const { mutateAsync } = useChange(upstreams.remove)
  return ({ id, name, origin, version }) =>
    confirm({
      title: t`Delete the upstream ${name}?`,
      message: (
        <Trans>
          Devices no longer reach <Machine>{origin}</Machine>. Running requests end. Permissions that name it stay.
        </Trans>
      ),
      action: t`Delete`,
      run: async () => {
        await mutateAsync({ params: { id }, ifMatch: version })
        toast({ message: t`Upstream ${name} deleted.` })
      },
    })
}
