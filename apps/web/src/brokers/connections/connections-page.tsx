/** Who is connected now, how they were admitted, and a way to cut one off. */

import { broker, type Connection } from '@gatehouse/contract/brokers/broker'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { revocations } from '@gatehouse/contract/certificates/revocations'
import { users } from '@gatehouse/contract/identity/users'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { lazy } from 'react'
import { methodWords } from '../../access/decision/refusal-words.ts'
import { queryFor, useChange } from '../../api/queries.ts'
import { type Loading, mayIn, useSession } from '../../api/session.ts'
import { expiryChoices } from '../../certificates/expiry/expiry-choices.ts'
import { toAuthority, toUser } from '../../links.ts'
import { formatNumber } from '../../messages/format.ts'
import { Machine } from '../../ui/badges.tsx'
import cell from '../../ui/cell.module.css'
import type { Column } from '../../ui/column.ts'
import { confirm } from '../../ui/confirm.tsx'
import { DataTable } from '../../ui/data-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ChoiceFilter, Filters, SearchFilter } from '../../ui/filters.tsx'
import { LateDialog } from '../../ui/late-dialog.tsx'
import { ListOptions } from '../../ui/list-options.tsx'
import { useListView } from '../../ui/list-view.ts'
import { PageHeader } from '../../ui/page-header.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { toast } from '../../ui/toast.tsx'
import classes from '../broker.module.css'
import { OtherBrokers } from '../inventory/other-brokers.tsx'
import { ListenerFilter } from '../listeners/listener-filter.tsx'
import type { ConnectionsSearch } from '../search.ts'
import { brokerQuery, Listeners, Stale } from './live-state.tsx'
import { protocolWords } from './protocol-words.ts'
import { hiddenAtFirst, trafficColumns } from './traffic.tsx'

function connectionsQuery({ search, expires, listener, protocol }: ConnectionsSearch) {
  const filters = { 'expires[eq]': expires, 'listener[eq]': listener, 'protocol[eq]': protocol }
  return queryFor(broker.connections, { search: { search, ...filters } })
}

/** Loaded when it is opened. */
const RevokeCertificate = lazy(() =>
  import('../../certificates/revocations/revoke-certificate-dialog.tsx').then(({ RevokeCertificate: dialog }) => ({
    default: dialog,
  })),
)

export async function load({ context: { client, session }, deps }: Loading<ConnectionsSearch>): Promise<void> {
  await Promise.all([
    client.ensureQueryData(connectionsQuery(deps)),
    mayIn(session, broker.view) && client.ensureQueryData(brokerQuery),
  ])
}

const columns: readonly Column<Connection>[] = [
  { id: 'user', header: t`User`, width: '15%', cell: ({ username }) => <Machine>{username}</Machine> },
  { id: 'client-id', header: t`Client id`, width: '15%', cell: (connection) => <Client connection={connection} /> },
  { id: 'admitted-by', header: t`Admitted by`, cell: (connection) => <AdmittedBy connection={connection} /> },
  { id: 'address', header: t`Address`, width: '14%', cell: (connection) => <Address connection={connection} /> },
  { id: 'since', header: t`Since`, width: '13%', cell: ({ since }) => <Since at={since} /> },
  {
    id: 'subscriptions',
    header: t`Subscriptions`,
    align: 'end',
    width: '8%',
    cell: ({ protocol, subscriptions }) => (protocol === 'http' ? '–' : subscriptions),
  },
  ...trafficColumns,
]

const protocols = Object.entries(protocolWords).map(([value, label]) => ({ value, label }))

const page = getRouteApi('/broker/connections')
/** Only while the page is visible: a hidden tab asks nothing. */
const everyMs = 5_000

export function ConnectionsPage() {
  const search = page.useSearch()
  const { data, error, dataUpdatedAt } = useSuspenseQuery({ ...connectionsQuery(search), refetchInterval: everyMs })
  const { can, whyNot } = useSession()
  const disconnect = useDisconnect()
  const go = useNavigateTo()
  const view = useListView('connections', hiddenAtFirst)
  return (
    <>
      <PageHeader
        help={() => import('./help.ts').then(({ connectionsHelp }) => connectionsHelp)}
        title={t`Connections`}
        description={t`MQTT and HTTP clients that are connected now, and how they were admitted.`}
      />
      {can(broker.view) && <Listeners />}
      <OtherBrokers />
      <Filters total={data.total} of={(count) => plural(count, { one: '# connection', other: '# connections' })}>
        <SearchFilter label={t`Search connections`} />
        <ChoiceFilter name="expires" label={t`Expires`} options={expiryChoices} />
        <ListenerFilter />
        <ChoiceFilter name="protocol" label={t`Protocol`} options={protocols} />
        <ListOptions view={view} columns={columns} />
      </Filters>
      <Stale error={error} updatedAt={dataUpdatedAt} />
      <DataTable
        label={t`Connections`}
        page={data}
        columns={columns}
        view={view}
        keyOf={({ id }) => id}
        nameOf={({ username, clientId, protocol }) => `${username}, ${clientId || protocolWords[protocol]}`}
        {...(can(users.view) && { linkOf: ({ userId }: Connection) => toUser(userId) })}
        actionsOf={(connection) => [
          ...(can(users.view, { id: connection.userId })
            ? [{ label: t`Open device`, link: toUser(connection.userId) }]
            : []),
          ...(connection.certificate
            ? [
                {
                  label: t`Revoke certificate…`,
                  dangerous: true as const,
                  onSelect: () => go(withSearch({ revoke: connection.id })),
                  whyNot: whyNot(revocations.create),
                },
              ]
            : []),
          {
            label: t`Disconnect…`,
            dangerous: true,
            onSelect: () => void disconnect(connection),
            whyNot: whyNot(broker.disconnect, { connectionId: connection.id }),
          },
        ]}
        isFiltered={Boolean(search.search || search.expires || search.listener || search.protocol)}
        empty={
          <EmptyState title={t`No clients connected`}>
            <Trans>
              An admitted client appears here within seconds. A refused client appears under Decisions, with the reason.
            </Trans>
          </EmptyState>
        }
      />
      {search.revoke !== undefined && (
        <LateDialog onClose={() => go(withSearch({ revoke: undefined }))}>
          <RevokeCertificate connectionId={search.revoke} onClose={() => go(withSearch({ revoke: undefined }))} />
        </LateDialog>
      )}
      {data.total > data.items.length && (
        <p className={classes['more']}>
          <Trans>Showing the newest {formatNumber(data.items.length)}. Search for others.</Trans>
        </p>
      )}
    </>
  )
}

function useDisconnect(): (connection: Connection) => Promise<boolean> {
  const { mutateAsync } = useChange(broker.disconnect)
  return ({ id, username, clientId, protocol }) =>
    confirm({
      title: t`Disconnect ${username}?`,
      message:
        protocol === 'http' ? (
          <Trans>
            This HTTP connection is closed, and what runs over it ends. Most devices connect again by themselves. To
            keep the device out, disable the user or turn off its sign-in method.
          </Trans>
        ) : (
          <Trans>
            The connection of client <Machine>{clientId}</Machine> is closed. Most clients reconnect by themselves. To
            keep the client out, disable the user or turn off its sign-in method.
          </Trans>
        ),
      action: t`Disconnect`,
      run: async () => {
        await mutateAsync({ params: { connectionId: id } })
        toast({ message: t`${username} was disconnected.` })
      },
    })
}

function Client({ connection: { clientId, protocol } }: { connection: Connection }) {
  return protocol === 'http' ? protocolWords.http : <Machine>{clientId}</Machine>
}

function AdmittedBy({ connection: { method, certificate } }: { connection: Connection }) {
  const { can } = useSession()
  if (!certificate) return methodWords[method]
  const { authority, authorityName, subject } = certificate
  const name = authorityName ?? t`a CA`
  return (
    <span>
      {methodWords[method]} ·{' '}
      {authority !== null && can(authorities.view, { fingerprint: authority }) ? (
        <Link {...toAuthority(authority)} className={classes['link']}>
          {name}
        </Link>
      ) : (
        name
      )}
      <span className={cell['below']}>{subject}</span>
    </span>
  )
}

function Address({ connection: { address, listener } }: { connection: Connection }) {
  return (
    <span>
      <Machine>{address}</Machine>
      <span className={cell['below']}>{listener}</span>
    </span>
  )
}

function Since({ at }: { at: string }) {
  return (
    <span className={classes['since']}>
      <RelativeTime at={at} />
    </span>
  )
}
