/** The listeners of the broker: where clients connect, by which rules, and whether they are open. */

import { broker } from '@gatehouse/contract/brokers/broker'
import { kubernetes } from '@gatehouse/contract/brokers/kubernetes'
import { listeners, type StoredListener } from '@gatehouse/contract/brokers/listeners'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { IconPlus } from '@tabler/icons-react'
import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { lazy } from 'react'
import { type Loading, mayIn, useSession } from '../../api/session.ts'
import { toConnectionsOf, toDecisionsOf } from '../../links.ts'
import { DataTable } from '../../ui/data-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { LateDialog } from '../../ui/late-dialog.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { Stale } from '../connections/live-state.tsx'
import { handOverDialog } from '../kubernetes/hand-over.ts'
import { StaleHandOvers } from '../kubernetes/stale-hand-overs.tsx'
import { authorityChoicesQuery } from './authority-choices.ts'
import { listenerColumns } from './listener-columns.tsx'
import { useRemoveListener } from './listener-remove.tsx'
import { type ListenersSearch, listenerQuery, listenersQuery } from './search.ts'

/** Loaded when one is opened. */
const ListenerAdd = lazy(() =>
  import('./listener-create-dialog.tsx').then(({ ListenerAdd: dialog }) => ({ default: dialog })),
)
const ListenerEdit = lazy(() =>
  import('./listener-edit-dialog.tsx').then(({ ListenerEdit: dialog }) => ({ default: dialog })),
)

export async function load({ context: { client, session }, deps }: Loading<ListenersSearch>): Promise<void> {
  await Promise.all([
    client.ensureQueryData(listenersQuery),
    deps.edit !== undefined && client.fetchQuery({ ...listenerQuery(deps.edit), staleTime: 0 }),
    mayIn(session, authorities.list) && client.ensureQueryData(authorityChoicesQuery()),
  ])
}

const page = getRouteApi('/broker/listeners')
const everyMs = 5_000

export function ListenersPage() {
  const { create, edit } = page.useSearch()
  const { data, error, dataUpdatedAt } = useSuspenseQuery({ ...listenersQuery, refetchInterval: everyMs })
  const { can, whyNot } = useSession()
  const go = useNavigateTo()
  const remove = useRemoveListener()
  return (
    <>
      <PageHeader
        help={() => import('./help.ts').then(({ listenersHelp }) => listenersHelp)}
        title={t`Listeners`}
        description={t`Addresses and ports where clients connect, and the rules for them. Changes apply without a restart.`}
        actions={
          <GuardedButton
            leftSection={<IconPlus size={16} aria-hidden />}
            whyNot={whyNot(listeners.create)}
            onClick={() => go(withSearch({ create: '' }))}
          >
            <Trans>Add listener</Trans>
          </GuardedButton>
        }
      />
      <Stale error={error} updatedAt={dataUpdatedAt} />
      <StaleHandOvers />
      <DataTable
        label={t`Listeners`}
        page={data}
        columns={listenerColumns}
        keyOf={({ id }) => id}
        nameOf={({ name }) => name}
        linkOf={({ id }) => withSearch({ edit: id })}
        isOff={({ status }) => status.state === 'off'}
        actionsOf={actionsOf}
        isFiltered={false}
        empty={
          <EmptyState title={t`No listeners`}>
            <Trans>No client can connect. Add a listener.</Trans>
          </EmptyState>
        }
      />
      {create !== undefined && (
        <LateDialog onClose={() => go(withSearch({ create: undefined }))}>
          <ListenerAdd />
        </LateDialog>
      )}
      {edit !== undefined && (
        <LateDialog onClose={() => go(withSearch({ edit: undefined }))}>
          <ListenerEdit key={edit} id={edit} />
        </LateDialog>
      )}
    </>
  )

  function actionsOf(listener: StoredListener) {
    const { id } = listener
    return [
      { label: whyNot(listeners.update, { id }) ? t`Show` : t`Edit`, link: withSearch({ edit: id }) },
      ...(can(broker.connections) ? [{ label: t`Connections`, link: toConnectionsOf(listener.name) }] : []),
      ...(can(broker.decisions) ? [{ label: t`Decisions`, link: toDecisionsOf(listener.name) }] : []),
      ...(can(kubernetes.generate)
        ? [{ label: t`Kubernetes…`, onSelect: () => void handOverDialog.open({ kind: 'listener', id }) }]
        : []),
      {
        label: t`Delete…`,
        dangerous: true as const,
        onSelect: () => void remove(listener),
        whyNot: whyNot(listeners.remove, { id }),
      },
    ]
  }
}
