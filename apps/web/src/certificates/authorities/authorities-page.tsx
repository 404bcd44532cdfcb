/** The trust store: the trusted authorities, their allowed usernames, and their expiry. */

import { broker } from '@gatehouse/contract/brokers/broker'
import { type Authority, authorities } from '@gatehouse/contract/certificates/authorities'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { IconUpload } from '@tabler/icons-react'
import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { lazy } from 'react'
import { queryFor } from '../../api/queries.ts'
import { type Loading, mayIn, useSession } from '../../api/session.ts'
import { StaleHandOvers } from '../../brokers/kubernetes/stale-hand-overs.tsx'
import { toAuthority } from '../../links.ts'
import { formatNumber } from '../../messages/format.ts'
import { ActiveFilter } from '../../ui/active-filter.tsx'
import { Machine, StatusBadge } from '../../ui/badges.tsx'
import type { Column } from '../../ui/column.ts'
import { DataTable } from '../../ui/data-table.tsx'
import { DropAnywhere } from '../../ui/drop-anywhere.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Expiry } from '../../ui/expiry.tsx'
import { ChoiceFilter, Filters, SearchFilter } from '../../ui/filters.tsx'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { LateDialog } from '../../ui/late-dialog.tsx'
import { ListOptions } from '../../ui/list-options.tsx'
import { useListView } from '../../ui/list-view.ts'
import { PageHeader } from '../../ui/page-header.tsx'
import { Timestamp } from '../../ui/relative-time.tsx'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { expiryChoices } from '../expiry/expiry-choices.ts'
import { readFiles, useInspection } from '../files/given-certificates.ts'
import classes from './authorities.module.css'
import { useAuthorityActions } from './authority-actions.tsx'
import { authorityWarningWords } from './authority-words.ts'
import { Downloads } from './downloads.tsx'
import type { AuthoritiesSearch } from './search.ts'

function authoritiesQuery({ search, sort, cursor, expires, vouchesFor }: AuthoritiesSearch) {
  const filters = { 'expires[eq]': expires, 'vouchesFor[eq]': vouchesFor }
  return queryFor(authorities.list, { search: { search, sort: sort ?? 'name', cursor, ...filters } })
}

const brokerQuery = queryFor(broker.view, {})

/** Loaded when one is opened. */
const AuthorityUpload = lazy(() =>
  import('./authority-upload-dialog.tsx').then(({ AuthorityUpload: dialog }) => ({ default: dialog })),
)

export async function load({ context: { client, session }, deps }: Loading<AuthoritiesSearch>): Promise<void> {
  await Promise.all([
    client.ensureQueryData(authoritiesQuery(deps)),
    mayIn(session, broker.view) && client.ensureQueryData(brokerQuery),
  ])
}

const columns: readonly Column<Authority>[] = [
  { id: 'ca', header: t`CA`, sort: 'name', cell: (authority) => <Name authority={authority} /> },
  { id: 'expires', header: t`Expires`, sort: 'notAfter', width: '18%', cell: (authority) => <Expiry {...authority} /> },
  { id: 'key', header: t`Key`, width: '12%', wideOnly: true, cell: ({ keyAlgorithm }) => keyAlgorithm },
  {
    id: 'allowed-usernames',
    header: t`Allowed usernames`,
    width: '22%',
    cell: (authority) => <Limit authority={authority} />,
  },
  { id: 'connected', header: t`Connected`, align: 'end', width: '8%', cell: ({ connections }) => count(connections) },
  { id: 'users', header: t`Users`, align: 'end', width: '6%', cell: ({ users }) => count(users) },
]

const page = getRouteApi('/authorities')

export function AuthoritiesPage() {
  const search = page.useSearch()
  const view = useListView('authority')
  const { data } = useSuspenseQuery(authoritiesQuery(search))
  const { can, whyNot } = useSession()
  const go = useNavigateTo()
  const inspection = useInspection()
  const actionsOf = useAuthorityActions({ withDownload: true })

  function upload(files?: readonly File[]): void {
    inspection.reset()
    if (files) inspection.mutate(() => readFiles(files))
    go(withSearch({ upload: '' }))
  }

  return (
    <>
      <PageHeader
        help={() => import('./help.ts').then(({ authoritiesHelp }) => authoritiesHelp)}
        title={t`Authorities`}
        description={
          <>
            <Trans>CAs trusted to sign client certificates.</Trans> {can(broker.view) && <LiveSince />}
          </>
        }
        actions={
          <>
            <Downloads />
            <GuardedButton
              leftSection={<IconUpload size={16} aria-hidden />}
              whyNot={whyNot(authorities.create)}
              onClick={() => upload()}
            >
              <Trans>Upload CA</Trans>
            </GuardedButton>
          </>
        }
      />
      <StaleHandOvers />
      <Filters total={data.total} of={(total) => plural(total, { one: '# CA', other: '# CAs' })}>
        <SearchFilter label={t`Search CAs`} />
        <ChoiceFilter name="expires" label={t`Expires`} options={expiryChoices} />
        <ListOptions view={view} columns={columns} />
      </Filters>
      {search.vouchesFor !== undefined && (
        <ActiveFilter parameter="vouchesFor" clear={t`Show all CAs`}>
          <Trans>
            Only CAs that allow <Machine>{search.vouchesFor}</Machine>
          </Trans>
        </ActiveFilter>
      )}
      <DataTable
        view={view}
        label={t`Authorities`}
        page={data}
        columns={columns}
        keyOf={({ fingerprint }) => fingerprint}
        nameOf={({ name }) => name}
        linkOf={({ fingerprint }) => toAuthority(fingerprint)}
        actionsOf={actionsOf}
        isOff={({ withdrawnAt }) => withdrawnAt !== null}
        defaultSort="name"
        isFiltered={Boolean(search.search || search.expires || search.vouchesFor)}
        empty={
          <EmptyState title={t`No CAs yet`}>
            <Trans>
              Clients cannot sign in with a certificate yet. Upload the CA certificate that signs your devices’
              certificates.
            </Trans>
          </EmptyState>
        }
      />
      {can(authorities.create) && (
        <>
          <button type="button" className={classes['zone']} onClick={() => upload()}>
            <IconUpload size={18} aria-hidden />
            <Trans>Drop PEM, DER or PKCS#7 files here, or paste text. You review them before trusting.</Trans>
          </button>
          <DropAnywhere invitation={t`Drop to review. Nothing is trusted yet.`} onFiles={upload} />
        </>
      )}
      {search.upload !== undefined && (
        <LateDialog onClose={() => go(withSearch({ upload: undefined }))}>
          <AuthorityUpload inspection={inspection} />
        </LateDialog>
      )}
    </>
  )
}

function Name({ authority: { name, organization, builtIn, warnings } }: { authority: Authority }) {
  const shown = warnings.filter((warning) => warning === 'withdrawn' || warning === 'same_subject')
  return (
    <span className={classes['name']}>
      <span className={classes['called']}>{name}</span>
      <span className={classes['below']}>
        {builtIn ? t`built-in` : organization}
        {shown.map((warning) => (
          <StatusBadge key={warning} status={warning === 'withdrawn' ? 'off' : 'expiring'}>
            {authorityWarningWords[warning].label}
          </StatusBadge>
        ))}
      </span>
    </span>
  )
}

function Limit({ authority: { usernames } }: { authority: Authority }) {
  if (usernames.length === 0)
    return (
      <span className={classes['any']}>
        <Trans>any username</Trans>
      </span>
    )
  return <Machine>{usernames.join(', ')}</Machine>
}

function LiveSince() {
  const { running, trustedSince } = useSuspenseQuery(brokerQuery).data
  if (!running || trustedSince === null) return t`The broker is not running.`
  return (
    <Trans>
      In effect on the broker since <Timestamp at={trustedSince} />.
    </Trans>
  )
}

function count(of: number | null): string {
  return of === null ? '–' : formatNumber(of)
}
