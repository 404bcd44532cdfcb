/** Deletes a listener after a question that says how many connections end. */

import { listeners, type StoredListener } from '@gatehouse/contract/brokers/listeners'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { call } from '../../api/client.ts'
import { useChange } from '../../api/queries.ts'
import { Machine } from '../../ui/badges.tsx'
import { confirmWith } from '../../ui/confirm.tsx'
import { connectionsEnd, disconnectedWords } from '../../ui/consequences.ts'
import { toast } from '../../ui/toast.tsx'
import { placeOf } from './listener-words.ts'

export function useRemoveListener(): (listener: Pick<StoredListener, 'id'>) => Promise<boolean> {
  const { mutateAsync } = useChange(listeners.remove)
  return ({ id }) =>
    confirmWith(async () => {
      // The number of connections on the page is some seconds old.
      const listener = await call(listeners.view, { params: { id } })
      const { name, version, status } = listener
      const isInUse = status.connections !== 0
      return {
        title: t`Delete the listener ${name}?`,
        message: <Consequence listener={listener} />,
        ...(isInUse && {
          consequences: [{ count: status.connections, what: connectionsEnd(status.connections) }],
          typeName: name,
        }),
        action: t`Delete`,
        run: async () => {
          const ended = await mutateAsync({ params: { id }, ifMatch: version })
          toast({ message: t`Listener ${name} deleted. ${disconnectedWords({ disconnected: ended.disconnected })}` })
        },
      }
    })
}

function Consequence({ listener }: { listener: StoredListener }) {
  return (
    <>
      <Trans>
        Clients can no longer connect to <Machine>{placeOf(listener)}</Machine>. Connections of other listeners stay,
        and so do the MQTT sessions.
      </Trans>
      {listener.serverCertificate !== null && (
        <>
          {' '}
          <Trans>Its server certificate and the key are deleted.</Trans>
        </>
      )}
    </>
  )
}
