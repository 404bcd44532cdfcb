/** Who did what to which thing, when and from where: every change and every sign-in, written with the change itself. */

import { addressOf } from '@gatehouse/contract/client'
import { type AuditEvent, audit } from '@gatehouse/contract/operations/audit'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { lazy } from 'react'
import { queryFor } from '../../api/queries.ts'
import { type Loading, useSession } from '../../api/session.ts'
import { Machine } from '../../ui/badges.tsx'
import type { Column } from '../../ui/column.ts'
import { DataTable } from '../../ui/data-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { LateDialog } from '../../ui/late-dialog.tsx'
import { ListDownload } from '../../ui/list-download.tsx'
import { ListOptions } from '../../ui/list-options.tsx'
import { useListView } from '../../ui/list-view.ts'
import { PageHeader } from '../../ui/page-header.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { Target, Who } from './audit-cells.tsx'
import { AuditFilters } from './audit-filters.tsx'
import { auditActionWords } from './audit-words.ts'
import { eventQuery } from './event-query.ts'
import type { AuditSearch } from './search.ts'

function auditQuery({ cursor, ...search }: AuditSearch) {
  return queryFor(audit.list, { search: { ...filtersOf(search), cursor } })
}

/** Which entries, and in which order: the same for the list and for a file of it. */
function filtersOf({ search, sort, actor, action, targetType, target, from, until }: Omit<AuditSearch, 'cursor'>) {
  return {
    search,
    sort: sort ?? '-at',
    'actor[eq]': actor,
    'action[eq]': action,
    'targetType[eq]': targetType,
    'target[eq]': target,
    'at[gte]': from,
    'at[lt]': until,
  } as const
}

/** Loaded when one is opened. */
const EventDetails = lazy(() => import('./event-dialog.tsx').then(({ EventDetails: dialog }) => ({ default: dialog })))

export async function load({ context: { client }, deps }: Loading<AuditSearch>): Promise<void> {
  await Promise.all([
    client.ensureQueryData(auditQuery(deps)),
    deps.view !== undefined && client.fetchQuery(eventQuery(deps.view)),
  ])
}

const columns: readonly Column<AuditEvent>[] = [
  { id: 'time', header: t`Time`, sort: 'at', width: '136px', cell: ({ at }) => <RelativeTime at={at} /> },
  { id: 'user', header: t`User`, width: '22%', cell: (event) => <Who event={event} /> },
  { id: 'action', header: t`Action`, width: '21%', cell: ({ action }) => auditActionWords[action] },
  { id: 'target', header: t`Target`, cell: (event) => <Target event={event} /> },
  { id: 'address', header: t`From`, width: '13%', cell: ({ address }) => address && <Machine>{address}</Machine> },
]

const page = getRouteApi('/audit')

export function AuditPage() {
  const go = useNavigateTo()
  const search = page.useSearch()
  const { data } = useSuspenseQuery(auditQuery(search))
  const { can } = useSession()
  const listView = useListView('audit')
  const { view, sort: _sort, cursor: _cursor, ...filters } = search
  return (
    <>
      <PageHeader
        help={() => import('./help.ts').then(({ auditHelp }) => auditHelp)}
        title={t`Audit`}
        description={t`Who changed what, when and from where. Entries cannot be changed.`}
        actions={
          <ListDownload
            formats={audit.list.exports}
            addressOf={(format) => addressOf(audit.list, { search: { ...filtersOf(search), format } })}
          />
        }
      />
      <AuditFilters data={data} options={<ListOptions view={listView} columns={columns} />} />
      <DataTable
        label={t`Audit`}
        page={data}
        columns={columns}
        view={listView}
        keyOf={({ id }) => id}
        {...(can(audit.view) && { linkOf: ({ id }: AuditEvent) => withSearch({ view: id }) })}
        defaultSort="-at"
        isFiltered={Object.values(filters).some(Boolean)}
        empty={
          <EmptyState title={t`No events yet`}>
            <Trans>
              Every change through the console or the API appears here, and every sign-in, including refused ones.
            </Trans>
          </EmptyState>
        }
      />
      {view !== undefined && (
        <LateDialog onClose={() => go(withSearch({ view: undefined }))}>
          <EventDetails key={view} id={view} />
        </LateDialog>
      )}
    </>
  )
}
