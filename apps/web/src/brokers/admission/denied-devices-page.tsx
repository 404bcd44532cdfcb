/** The names that no admission rule admits. */

import { type DeniedDevice, deniedDevices } from '@gatehouse/contract/brokers/admission-rules'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { queryFor } from '../../api/queries.ts'
import { type Loading, useSession } from '../../api/session.ts'
import { Machine } from '../../ui/badges.tsx'
import cell from '../../ui/cell.module.css'
import type { Column } from '../../ui/column.ts'
import { DataTable } from '../../ui/data-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ChoiceFilter, Filters, SearchFilter } from '../../ui/filters.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { AdmissionViews } from './admission-views.tsx'
import { useAllowAgain } from './denials.ts'
import type { DeniedDevicesSearch } from './search.ts'

function deniedQuery({ search, cause, sort, cursor }: DeniedDevicesSearch) {
  return queryFor(deniedDevices.list, { search: { search, sort: sort ?? '-at', cursor, 'cause[eq]': cause } })
}

export async function load({ context: { client }, deps }: Loading<DeniedDevicesSearch>): Promise<void> {
  await client.ensureQueryData(deniedQuery(deps))
}

const causeWords: Record<DeniedDevice['cause'], string> = { deleted: t`User deleted`, denied: t`Denied` }
const causes = Object.entries(causeWords).map(([value, label]) => ({ value, label }))

const columns: readonly Column<DeniedDevice>[] = [
  { id: 'name', header: t`Name`, sort: 'username', cell: ({ username }) => <Machine>{username}</Machine> },
  { id: 'cause', header: t`Cause`, width: '30%', cell: ({ cause }) => causeWords[cause] },
  { id: 'since', header: t`Since`, sort: 'at', width: '30%', cell: (denied) => <Since denied={denied} /> },
]

const page = getRouteApi('/broker/denied-devices')

export function DeniedDevicesPage() {
  const search = page.useSearch()
  const { data } = useSuspenseQuery(deniedQuery(search))
  const { whyNot } = useSession()
  const allowAgain = useAllowAgain()
  return (
    <>
      <PageHeader
        help={() => import('./help.ts').then(({ admissionHelp }) => admissionHelp)}
        title={t`Admission rules`}
        description={t`Names that no rule admits: those of deleted users, and denied ones. A device with such a name connects only after someone adds it.`}
      />
      <AdmissionViews />
      <Filters total={data.total} of={(count) => plural(count, { one: '# name', other: '# names' })}>
        <SearchFilter label={t`Search names`} />
        <ChoiceFilter name="cause" label={t`Cause`} options={causes} />
      </Filters>
      <DataTable
        label={t`Denied names`}
        page={data}
        columns={columns}
        keyOf={({ username }) => username}
        nameOf={({ username }) => username}
        actionsOf={(denied) => [
          {
            label: t`Allow again…`,
            onSelect: () => void allowAgain(denied),
            whyNot: whyNot(deniedDevices.forgive, { username: denied.username }),
          },
        ]}
        defaultSort="-at"
        isFiltered={Boolean(search.search || search.cause)}
        empty={
          <EmptyState title={t`No denied names`}>
            <Trans>The name of each deleted user appears here, so that no rule admits its device again.</Trans>
          </EmptyState>
        }
      />
    </>
  )
}

function Since({ denied: { at, by } }: { denied: DeniedDevice }) {
  return (
    <span>
      <RelativeTime at={at} />
      {by && (
        <span className={cell['below']}>
          <Trans>by {by}</Trans>
        </span>
      )}
    </span>
  )
}
