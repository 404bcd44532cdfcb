/** The client certificates that were issued here or seen at the broker, the next expiry first. */

import { type ClientCertificate, clientCertificates } from '@gatehouse/contract/certificates/issued'
import { users } from '@gatehouse/contract/identity/users'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { queryFor } from '../../api/queries.ts'
import { type Loading, useSession } from '../../api/session.ts'
import { toUser } from '../../links.ts'
import { Machine } from '../../ui/badges.tsx'
import cell from '../../ui/cell.module.css'
import type { Column } from '../../ui/column.ts'
import { DataTable } from '../../ui/data-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Expiry } from '../../ui/expiry.tsx'
import { ChoiceFilter, Choices, Filters, SearchFilter } from '../../ui/filters.tsx'
import { ListOptions } from '../../ui/list-options.tsx'
import { useListView } from '../../ui/list-view.ts'
import { OneLine } from '../../ui/one-line.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { withSearchReset } from '../../ui/search-links.ts'
import { expiryChoices } from '../expiry/expiry-choices.ts'
import { serialNumberWords } from '../revocations/revocation-words.ts'
import { isOver, useIssuedActions } from './issued-actions.ts'
import { IssuedState } from './issued-state.tsx'
import type { ClientCertificatesSearch } from './search.ts'

function certificatesQuery({ search, sort, cursor, kind, expires, state }: ClientCertificatesSearch) {
  return queryFor(clientCertificates.list, {
    search: {
      search,
      sort: sort ?? 'notAfter',
      cursor,
      'kind[eq]': kind,
      'expires[eq]': expires,
      'state[eq]': state,
    },
  })
}

export async function load({ context: { client }, deps }: Loading<ClientCertificatesSearch>): Promise<void> {
  await client.ensureQueryData(certificatesQuery(deps))
}

const columns: readonly Column<ClientCertificate>[] = [
  {
    id: 'user',
    header: t`User`,
    sort: 'subject',
    width: '24%',
    cell: (certificate) => <OwnerCell certificate={certificate} />,
  },
  {
    id: 'expires',
    header: t`Expires`,
    sort: 'notAfter',
    width: '20%',
    cell: (certificate) => <Expiry {...certificate} isOver={isOver(certificate)} />,
  },
  { id: 'state', header: t`State`, width: '14%', cell: (certificate) => <State certificate={certificate} /> },
  { id: 'key', header: t`Key`, width: '14%', wideOnly: true, cell: ({ keyAlgorithm }) => keyAlgorithm },
  { id: 'origin', header: t`Origin`, width: '18%', cell: (certificate) => <Origin certificate={certificate} /> },
  {
    id: 'seen',
    header: t`Last seen`,
    width: '12%',
    wideOnly: true,
    cell: ({ seen }) => <RelativeTime at={seen?.lastAt ?? null} />,
  },
]

const kinds = [
  { value: 'issued', label: t`Issued here` },
  { value: 'seen', label: t`Seen at the broker` },
]
const states = [
  { value: 'current', label: t`Current` },
  { value: 'renewed', label: t`Renewed` },
  { value: 'revoked', label: t`Revoked` },
]
const page = getRouteApi('/client-certificates')

export function ClientCertificatesPage() {
  const search = page.useSearch()
  const { data } = useSuspenseQuery(certificatesQuery(search))
  const actionsOf = useIssuedActions()
  const view = useListView('client-certificates')
  return (
    <>
      <PageHeader
        help={() => import('./help.ts').then(({ clientCertificatesHelp }) => clientCertificatesHelp)}
        title={t`Client certificates`}
        description={t`Certificates of devices: issued here, or issued elsewhere and seen by the broker. Issue a new one on the page of a device.`}
      />
      <Filters total={data.total} of={(count) => plural(count, { one: '# certificate', other: '# certificates' })}>
        <SearchFilter label={t`Search certificates`} />
        <Choices>
          <ChoiceFilter name="kind" label={t`Origin`} options={kinds} fallback="issued" />
          <ChoiceFilter name="expires" label={t`Expires`} options={expiryChoices} />
          <ChoiceFilter name="state" label={t`State`} options={states} />
        </Choices>
        <ListOptions view={view} columns={columns} />
      </Filters>
      <DataTable
        label={t`Client certificates`}
        page={data}
        columns={columns}
        view={view}
        keyOf={({ fingerprint }) => fingerprint}
        nameOf={({ user, serialNumber }) => `${user.username}, ${serialNumberWords(serialNumber)}`}
        actionsOf={actionsOf}
        isOff={({ revoked }) => revoked !== null}
        defaultSort="notAfter"
        isFiltered={Boolean(search.search || search.kind || search.expires || search.state)}
        empty={
          <EmptyState
            title={t`No certificate was issued here yet`}
            action={
              <Link {...withSearchReset({ kind: 'seen' })}>
                <Trans>Show certificates seen at the broker</Trans>
              </Link>
            }
          >
            <Trans>
              Issue one on the page of a device. Certificates of other authorities are listed under Seen at the broker
              once a device has connected with one.
            </Trans>
          </EmptyState>
        }
      />
    </>
  )
}

function OwnerCell({ certificate: { user, serialNumber } }: { certificate: ClientCertificate }) {
  const { can } = useSession()
  const { id, username } = user
  return (
    <span className={cell['cell']}>
      {id !== null && can(users.view, { id }) ? (
        <Link {...toUser(id)}>
          <Machine>{username}</Machine>
        </Link>
      ) : (
        <Machine>{username}</Machine>
      )}
      <span className={cell['below']}>
        {id === null && t`deleted user`}
        <OneLine isMachine>{serialNumberWords(serialNumber)}</OneLine>
      </span>
    </span>
  )
}

function State({ certificate }: { certificate: ClientCertificate }) {
  if (isOver(certificate)) return <IssuedState certificate={certificate} />
  return certificate.seen ? t`In use` : t`Not used yet`
}

function Origin({ certificate: { issued, issuer } }: { certificate: ClientCertificate }) {
  if (!issued) return <span className={cell['below']}>{issuer}</span>
  return (
    <span>
      <Trans>
        issued <RelativeTime at={issued.at} />
        <span className={cell['below']}>by {issued.by}</span>
      </Trans>
    </span>
  )
}
