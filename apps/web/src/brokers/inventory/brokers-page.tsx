/** The brokers that enforce what the console decides, and whether they follow. */

import { brokers, type StoredBroker } from '@gatehouse/contract/brokers/brokers'
import { enforcers } from '@gatehouse/contract/brokers/enforcers'
import { mosquittoImports } from '@gatehouse/contract/brokers/mosquitto-import'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { IconPlus } from '@tabler/icons-react'
import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { lazy } from 'react'
import { type Loading, useSession } from '../../api/session.ts'
import { toAgents, toBroker } from '../../links.ts'
import { formatNumber } from '../../messages/format.ts'
import { Machine, StatusBadge } from '../../ui/badges.tsx'
import cell from '../../ui/cell.module.css'
import type { Column } from '../../ui/column.ts'
import { DataTable } from '../../ui/data-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { LateDialog } from '../../ui/late-dialog.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { Stale } from '../connections/live-state.tsx'
import { StaleHandOvers } from '../kubernetes/stale-hand-overs.tsx'
import { kindWords, lagWords, nameOf, placeOf, problemWords, stateWords } from './broker-words.ts'
import { type BrokersSearch, brokersQuery } from './search.ts'

/** Loaded when it is opened. */
const BrokerAdd = lazy(() =>
  import('./broker-create-dialog.tsx').then(({ BrokerAdd: dialog }) => ({ default: dialog })),
)

export async function load({ context: { client } }: Loading<BrokersSearch>): Promise<void> {
  await client.ensureQueryData(brokersQuery)
}

const columns: readonly Column<StoredBroker>[] = [
  { id: 'name', header: t`Name`, width: '22%', cell: (broker) => <Name broker={broker} /> },
  { id: 'address', header: t`Address`, width: '22%', cell: (broker) => <Machine>{placeOf(broker) || '–'}</Machine> },
  { id: 'state', header: t`State`, cell: (broker) => <State broker={broker} /> },
  { id: 'changes', header: t`Changes`, width: '14%', cell: lagWords },
  {
    id: 'connections',
    header: t`Connections`,
    align: 'end',
    width: '11%',
    cell: ({ state }) => countOf(state.connections),
  },
]

const page = getRouteApi('/brokers')
const everyMs = 5_000

export function BrokersPage() {
  const { create } = page.useSearch()
  const { data, error, dataUpdatedAt } = useSuspenseQuery({ ...brokersQuery, refetchInterval: everyMs })
  const { can, whyNot } = useSession()
  const go = useNavigateTo()
  return (
    <>
      <PageHeader
        help={() => import('./help.ts').then(({ brokersHelp }) => brokersHelp)}
        title={t`Brokers`}
        description={t`The brokers where users, roles and trusted CAs of this console apply.`}
        actions={
          <>
            {can(enforcers.list) && data.items.some(({ kind }) => kind === 'mosquitto-agent') && (
              <Link {...toAgents()}>
                <Trans>Agents</Trans>
              </Link>
            )}
            {can(mosquittoImports.preview) && (
              <Link to="/users/import/mosquitto">
                <Trans>Import users and rights from a Mosquitto</Trans>
              </Link>
            )}
            <GuardedButton
              leftSection={<IconPlus size={16} aria-hidden />}
              whyNot={whyNot(brokers.create)}
              onClick={() => go(withSearch({ create: '' }))}
            >
              <Trans>Add broker</Trans>
            </GuardedButton>
          </>
        }
      />
      <Stale error={error} updatedAt={dataUpdatedAt} />
      <StaleHandOvers />
      <DataTable
        label={t`Brokers`}
        page={data}
        columns={columns}
        keyOf={({ id }) => id}
        nameOf={nameOf}
        linkOf={({ id }) => toBroker(id)}
        isFiltered={false}
        empty={<EmptyState title={t`No brokers`}>{null}</EmptyState>}
      />
      {create !== undefined && (
        <LateDialog onClose={() => go(withSearch({ create: undefined }))}>
          <BrokerAdd />
        </LateDialog>
      )}
    </>
  )
}

function Name({ broker }: { broker: StoredBroker }) {
  return (
    <span>
      {nameOf(broker)}
      <span className={cell['below']}>{kindWords[broker.kind]}</span>
    </span>
  )
}

function State({ broker }: { broker: StoredBroker }) {
  const { status, label } = stateWords(broker)
  const [first] = broker.state.problems
  return (
    <span>
      <StatusBadge status={status}>{label}</StatusBadge>
      {first && <span className={cell['below']}>{problemWords(first)}</span>}
    </span>
  )
}

function countOf(connections: number | null): string {
  return connections === null ? '–' : formatNumber(connections)
}
