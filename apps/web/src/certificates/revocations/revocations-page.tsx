/** Revoked certificates, and the CRLs of the authorities. */

import { authorities } from '@gatehouse/contract/certificates/authorities'
import { revocationLists } from '@gatehouse/contract/certificates/crls'
import { type Revocation, revocations } from '@gatehouse/contract/certificates/revocations'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { lazy } from 'react'
import { queryFor } from '../../api/queries.ts'
import { type Loading, mayIn, useSession } from '../../api/session.ts'
import { Machine } from '../../ui/badges.tsx'
import cell from '../../ui/cell.module.css'
import type { Column } from '../../ui/column.ts'
import { confirm } from '../../ui/confirm.tsx'
import { DataTable } from '../../ui/data-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ChoiceFilter, Filters, SearchFilter } from '../../ui/filters.tsx'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { LateDialog } from '../../ui/late-dialog.tsx'
import { ListOptions } from '../../ui/list-options.tsx'
import { useListView } from '../../ui/list-view.ts'
import { PageHeader } from '../../ui/page-header.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { useNavigateTo, withSearch, withSearchReset } from '../../ui/search-links.ts'
import { CrlTable, listsQuery } from '../crls/crl-table.tsx'
import { useReinstate } from './reinstate.ts'
import { certificateName, revocationReasonWords, serialNumberWords } from './revocation-words.ts'
import classes from './revocations.module.css'
import type { RevocationsSearch } from './search.ts'

function revocationsQuery({ sort, authority, reason, issuerKey, serialNumber, ...list }: RevocationsSearch) {
  return queryFor(revocations.list, {
    search: {
      search: list.search,
      sort: sort ?? '-revokedAt',
      cursor: list.cursor,
      'authority[eq]': authority,
      'reason[eq]': reason,
      'issuerKey[eq]': issuerKey,
      'serialNumber[eq]': serialNumber,
    },
  })
}

const authorityChoices = queryFor(authorities.list, { search: { sort: 'name', limit: 200 } })

/** Loaded when it is opened. */
const RevokeCertificate = lazy(() =>
  import('./revoke-certificate-dialog.tsx').then(({ RevokeCertificate: dialog }) => ({ default: dialog })),
)

export async function load({ context: { client, session }, deps }: Loading<RevocationsSearch>): Promise<void> {
  await Promise.all([
    client.ensureQueryData(revocationsQuery(deps)),
    mayIn(session, revocationLists.list) && client.ensureQueryData(listsQuery),
  ])
}

const columns: readonly Column<Revocation>[] = [
  {
    id: 'certificate',
    header: t`Certificate`,
    sort: 'subject',
    cell: (revocation) => <Certificate revocation={revocation} />,
  },
  { id: 'signed-by', header: t`Signed by`, width: '22%', cell: ({ authority, issuer }) => authority?.name ?? issuer },
  { id: 'reason', header: t`Reason`, width: '26%', cell: (revocation) => <Reason revocation={revocation} /> },
  {
    id: 'revoked',
    header: t`Revoked`,
    sort: 'revokedAt',
    width: '16%',
    cell: (revocation) => <Revoked revocation={revocation} />,
  },
]

const reasons = Object.entries(revocationReasonWords).map(([value, label]) => ({ value, label }))
const page = getRouteApi('/revocations')

export function RevocationsPage() {
  const search = page.useSearch()
  const view = useListView('revocation')
  const { data } = useSuspenseQuery(revocationsQuery(search))
  const { can, whyNot } = useSession()
  const { data: known } = useQuery({ ...authorityChoices, enabled: can(authorities.list) })
  const go = useNavigateTo()
  const takeBack = useTakeBack()
  return (
    <>
      <PageHeader
        help={() => import('./help.ts').then(({ revocationsHelp }) => revocationsHelp)}
        title={t`Revocations`}
        description={t`Certificates that the broker refuses although their CA is trusted. A revocation takes effect at once, and stays when the CA is deleted and added again.`}
        actions={
          <GuardedButton whyNot={whyNot(revocations.create)} onClick={() => go(withSearch({ revoke: '' }))}>
            <Trans>Revoke certificate</Trans>
          </GuardedButton>
        }
      />
      <Filters total={data.total} of={(count) => plural(count, { one: '# revocation', other: '# revocations' })}>
        <SearchFilter label={t`Search revocations`} />
        <ChoiceFilter name="reason" label={t`Reason`} options={reasons} />
        {known && (
          <ChoiceFilter
            name="authority"
            label={t`CA`}
            options={known.items.map(({ fingerprint, name }) => ({ value: fingerprint, label: name }))}
          />
        )}
        <ListOptions view={view} columns={columns} />
      </Filters>
      {search.serialNumber && <OnlyOne serialNumber={search.serialNumber} isHere={data.items.length > 0} />}
      <DataTable
        view={view}
        label={t`Revocations`}
        page={data}
        columns={columns}
        keyOf={({ id }) => id}
        nameOf={certificateName}
        actionsOf={(revocation) => [
          {
            label: t`Undo revocation…`,
            onSelect: () => void takeBack(revocation),
            whyNot: whyNot(revocations.remove, { id: revocation.id }),
          },
        ]}
        defaultSort="-revokedAt"
        isFiltered={Boolean(search.search || search.authority || search.reason || search.serialNumber)}
        empty={
          <EmptyState title={t`No revocations yet`}>
            <Trans>
              When a device is lost or its key may be compromised, revoke its certificate. Its connection ends within a
              second. Other devices of the same CA are not affected.
            </Trans>
          </EmptyState>
        }
      />
      {can(revocationLists.list) && <CrlTable />}
      {search.revoke !== undefined && (
        <LateDialog onClose={() => go(withSearch({ revoke: undefined }))}>
          <RevokeCertificate onClose={() => go(withSearch({ revoke: undefined }))} />
        </LateDialog>
      )}
    </>
  )
}

/** The link from a refusal shows the one revocation that caused it. */
function OnlyOne({ serialNumber, isHere }: { serialNumber: string; isHere: boolean }) {
  return (
    <p className={classes['onlyOne']}>
      <Trans>
        Only <Machine>{serialNumberWords(serialNumber)}</Machine>.
      </Trans>
      {!isHere && <> {t`It is not revoked here. A CRL of its CA may list it.`}</>}{' '}
      <Link {...withSearchReset({ issuerKey: undefined, serialNumber: undefined })}>
        <Trans>Show all revocations</Trans>
      </Link>
    </p>
  )
}

function useTakeBack(): (revocation: Revocation) => Promise<boolean> {
  const reinstate = useReinstate()
  return (revocation) =>
    confirm({
      title: t`Undo this revocation?`,
      message: (
        <>
          <Trans>
            The certificate of <Machine>{certificateName(revocation)}</Machine> is trusted again at once.
          </Trans>
        </>
      ),
      action: t`Undo revocation`,
      run: () => reinstate(revocation),
    })
}

function Certificate({ revocation }: { revocation: Revocation }) {
  return (
    <span className={cell['cell']}>
      <Machine>{certificateName(revocation)}</Machine>
      <span className={cell['below']}>
        <Machine>{serialNumberWords(revocation.serialNumber)}</Machine>
      </span>
    </span>
  )
}

function Reason({ revocation: { reason, note } }: { revocation: Revocation }) {
  return (
    <span>
      {revocationReasonWords[reason]}
      {note && <span className={cell['below']}>{note}</span>}
    </span>
  )
}

function Revoked({ revocation: { revokedAt, revokedBy } }: { revocation: Revocation }) {
  return (
    <span>
      <RelativeTime at={revokedAt} />
      {revokedBy && (
        <span className={cell['below']}>
          <Trans>by {revokedBy}</Trans>
        </span>
      )}
    </span>
  )
}
