/** All agents with their certificates, and the CA that signs these. */

import { enforcers, type ListedEnforcer } from '@gatehouse/contract/brokers/enforcers'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { queryFor } from '../../api/queries.ts'
import type { Loading } from '../../api/session.ts'
import { toBroker, toBrokers } from '../../links.ts'
import { formatNumber } from '../../messages/format.ts'
import { Machine, StatusBadge } from '../../ui/badges.tsx'
import cell from '../../ui/cell.module.css'
import type { Column } from '../../ui/column.ts'
import { DataTable } from '../../ui/data-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { RelativeTime, Timestamp } from '../../ui/relative-time.tsx'
import { Stale } from '../connections/live-state.tsx'
import classes from './agents.module.css'
import { AuthoritySection } from './authority-section.tsx'

const agentsQuery = queryFor(enforcers.list, {})
const everyMs = 5_000

export async function load({ context: { client } }: Loading): Promise<void> {
  await client.ensureQueryData(agentsQuery)
}

const columns: readonly Column<ListedEnforcer>[] = [
  { id: 'broker', header: t`Broker`, width: '15%', cell: ({ broker }) => broker.name },
  { id: 'machine', header: t`Machine`, width: '19%', cell: (agent) => <Host agent={agent} /> },
  { id: 'last-seen', header: t`Last seen`, width: '15%', cell: (agent) => <LastSeen agent={agent} /> },
  { id: 'applied', header: t`Last change applied`, width: '17%', cell: (agent) => <Applied agent={agent} /> },
  { id: 'certificate', header: t`Certificate`, cell: (agent) => <Certificate agent={agent} /> },
]

export function AgentsPage() {
  const { data, error, dataUpdatedAt } = useSuspenseQuery({ ...agentsQuery, refetchInterval: everyMs })
  return (
    <>
      <PageHeader
        help={() => import('../inventory/help.ts').then(({ brokersHelp }) => brokersHelp)}
        title={t`Agents`}
        description={t`Each one runs beside a Mosquitto on another machine and applies there what this console decides.`}
        above={
          <Link {...toBrokers()}>
            <Trans>Brokers</Trans>
          </Link>
        }
      />
      <Stale error={error} updatedAt={dataUpdatedAt} />
      <DataTable
        label={t`Agents`}
        page={data}
        columns={columns}
        keyOf={({ id }) => id}
        nameOf={({ broker }) => broker.name}
        linkOf={({ broker }) => toBroker(broker.id)}
        isFiltered={false}
        empty={
          <EmptyState title={t`No agents`}>
            <Trans>An agent is enrolled on the page of its broker.</Trans>
          </EmptyState>
        }
      />
      {data.authority && (
        <div className={classes['authority']}>
          <AuthoritySection authority={data.authority} agents={data.items} />
        </div>
      )}
    </>
  )
}

function Host({ agent: { host, programVersion } }: { agent: ListedEnforcer }) {
  return (
    <span>
      <Machine>{host}</Machine>
      <span className={cell['below']}>
        <Trans>Version {programVersion}</Trans>
      </span>
    </span>
  )
}

function LastSeen({ agent: { isConnected, lastSeenAt } }: { agent: ListedEnforcer }) {
  if (isConnected) return <StatusBadge status="valid">{t`connected`}</StatusBadge>
  return (
    <span>
      <StatusBadge status="refused">{t`away`}</StatusBadge>
      {lastSeenAt !== null && (
        <span className={cell['below']}>
          <RelativeTime at={lastSeenAt} />
        </span>
      )}
    </span>
  )
}

function Applied({ agent: { appliedSequence, appliedAt } }: { agent: ListedEnforcer }) {
  if (appliedSequence === null) return t`none yet`
  return (
    <span>
      {formatNumber(appliedSequence)}
      {appliedAt !== null && (
        <span className={cell['below']}>
          <RelativeTime at={appliedAt} />
        </span>
      )}
    </span>
  )
}

function Certificate({ agent: { certificate } }: { agent: ListedEnforcer }) {
  return (
    <span>
      <Machine>{certificate.serialNumber}</Machine>
      <span className={cell['below']}>
        <Trans>
          valid until <Timestamp at={certificate.endsAt} />
        </Trans>
      </span>
      {certificate.isOfNextAuthority && <span className={cell['below']}>{t`of the next CA`}</span>}
    </span>
  )
}
