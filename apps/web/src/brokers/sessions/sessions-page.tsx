/** The MQTT sessions, also of clients that are away, and the bounds of the broker. */

import { broker } from '@gatehouse/contract/brokers/broker'
import { type MqttSession, mqttSessions } from '@gatehouse/contract/brokers/mqtt-sessions'
import { users } from '@gatehouse/contract/identity/users'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { queryFor, useChange } from '../../api/queries.ts'
import { type Loading, mayIn, useSession } from '../../api/session.ts'
import { toUser } from '../../links.ts'
import { formatNumber } from '../../messages/format.ts'
import { Machine } from '../../ui/badges.tsx'
import type { Column } from '../../ui/column.ts'
import { confirm } from '../../ui/confirm.tsx'
import { DataTable } from '../../ui/data-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Filters, SearchFilter } from '../../ui/filters.tsx'
import { ListOptions } from '../../ui/list-options.tsx'
import { useListView } from '../../ui/list-view.ts'
import { PageHeader } from '../../ui/page-header.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { toast } from '../../ui/toast.tsx'
import classes from '../broker.module.css'
import { brokerQuery } from '../connections/live-state.tsx'
import type { MqttSessionsSearch } from '../search.ts'
import { Limits } from './limits.tsx'

function sessionsQuery({ search }: MqttSessionsSearch) {
  return queryFor(mqttSessions.list, { search: { search } })
}

export async function load({ context: { client, session }, deps }: Loading<MqttSessionsSearch>): Promise<void> {
  await Promise.all([
    client.ensureQueryData(sessionsQuery(deps)),
    mayIn(session, broker.view) && client.ensureQueryData(brokerQuery),
  ])
}

const columns: readonly Column<MqttSession>[] = [
  { id: 'client-id', header: t`Client id`, cell: ({ clientId }) => <Machine>{clientId}</Machine> },
  { id: 'user', header: t`User`, width: '20%', cell: ({ username }) => <Machine>{username}</Machine> },
  { id: 'expires', header: t`Expires`, width: '18%', cell: (session) => <Ends session={session} /> },
  {
    id: 'subscriptions',
    header: t`Subscriptions`,
    align: 'end',
    width: '12%',
    cell: ({ subscriptions }) => formatNumber(subscriptions),
  },
  {
    id: 'waiting-messages',
    header: t`Waiting messages`,
    align: 'end',
    width: '14%',
    cell: ({ queued }) => formatNumber(queued),
  },
]

const page = getRouteApi('/broker/sessions')
const everyMs = 5_000

export function MqttSessionsPage() {
  const search = page.useSearch()
  const view = useListView('mqtt-session')
  const { data } = useSuspenseQuery({ ...sessionsQuery(search), refetchInterval: everyMs })
  const { can, whyNot } = useSession()
  const remove = useRemove()
  return (
    <>
      <PageHeader
        help={() => import('./help.ts').then(({ mqttSessionsHelp }) => mqttSessionsHelp)}
        title={t`MQTT sessions`}
        description={t`State that the broker keeps for clients, also while they are disconnected. A client id belongs to the user of its session.`}
      />
      <Filters total={data.total} of={(count) => plural(count, { one: '# session', other: '# sessions' })}>
        <SearchFilter label={t`Search sessions`} />
        <ListOptions view={view} columns={columns} />
      </Filters>
      <DataTable
        view={view}
        label={t`MQTT sessions`}
        page={data}
        columns={columns}
        keyOf={({ clientId }) => clientId}
        nameOf={({ clientId }) => clientId}
        {...(can(users.view) && { linkOf: ({ userId }: MqttSession) => toUser(userId) })}
        actionsOf={(session) => [
          {
            label: t`Delete…`,
            dangerous: true,
            onSelect: () => void remove(session),
            whyNot: whyNot(mqttSessions.remove),
          },
        ]}
        isFiltered={Boolean(search.search)}
        empty={
          <EmptyState title={t`No sessions`}>
            <Trans>
              A client appears here when it connects. It stays if it requested a session that outlives the connection.
            </Trans>
          </EmptyState>
        }
      />
      {data.total > data.items.length && (
        <p className={classes['more']}>
          <Trans>Showing the newest {formatNumber(data.items.length)}. Search for others.</Trans>
        </p>
      )}
      {can(broker.view) && <Limits />}
    </>
  )
}

function Ends({ session: { connected, expiresAt } }: { session: MqttSession }) {
  if (connected) return t`Connected`
  return expiresAt === null ? t`Never` : <RelativeTime at={expiresAt} />
}

function useRemove(): (session: MqttSession) => Promise<boolean> {
  const { mutateAsync } = useChange(mqttSessions.remove)
  return ({ clientId }) =>
    confirm({
      title: t`Delete the session of ${clientId}?`,
      message: t`Its connection ends, and its subscriptions and waiting messages are deleted. Then another user can use the client id.`,
      action: t`Delete`,
      run: async () => {
        await mutateAsync({ search: { clientId } })
        toast({ message: t`The session of ${clientId} was deleted.` })
      },
    })
}
