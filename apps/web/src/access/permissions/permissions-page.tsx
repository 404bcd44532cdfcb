/** All permissions and their holders. They are changed in the dialog of the role or user. */

import { type HeldPermission, maxCountedHolders, permissions } from '@gatehouse/contract/access/permissions'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { lazy } from 'react'
import { queryFor } from '../../api/queries.ts'
import type { Loading } from '../../api/session.ts'
import type { Column } from '../../ui/column.ts'
import { DataTable } from '../../ui/data-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { LateDialog } from '../../ui/late-dialog.tsx'
import { ListOptions } from '../../ui/list-options.tsx'
import { useListView } from '../../ui/list-view.ts'
import { PageHeader } from '../../ui/page-header.tsx'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { EntityLink, EntityLinks } from '../roles/entity-link.tsx'
import { PermissionName } from './permission-name.tsx'
import { operationWords } from './permission-words.ts'
import { QuestionBar } from './question-bar.tsx'
import { holdersQuery, keyOf, type PermissionsSearch, permissionAt, questions } from './search.ts'

function permissionsQuery({ sort, cursor, can, about, part }: PermissionsSearch) {
  const question = can && questions[can]
  return queryFor(permissions.list, {
    search: {
      sort: sort ?? 'resource',
      cursor,
      'context[eq]': question?.context,
      allows: question?.allows,
      ...(part ? { overlaps: about } : { covers: about }),
    },
  })
}

/** Loaded when one is opened. */
const PermissionDetails = lazy(() =>
  import('./permission-dialog.tsx').then(({ PermissionDetails: dialog }) => ({ default: dialog })),
)

export async function load({ context: { client }, deps }: Loading<PermissionsSearch>): Promise<void> {
  const opened = deps.view === undefined ? null : permissionAt(deps.view)
  await Promise.all([
    client.ensureQueryData(permissionsQuery(deps)),
    opened && client.ensureInfiniteQueryData(holdersQuery(opened)),
  ])
}

const columns: readonly Column<HeldPermission>[] = [
  {
    id: 'permission',
    header: t`Permission`,
    sort: 'resource',
    width: '38%',
    cell: (held) => <PermissionName of={held} />,
  },
  { id: 'allows', header: t`Allows`, width: '184px', cell: operationWords },
  {
    id: 'roles',
    header: t`Roles`,
    cell: ({ roles, roleCount }) => (
      <EntityLinks total={roleCount} counted={maxCountedHolders}>
        {roles.map(({ id, name }) => (
          <EntityLink key={id} kind="role" id={id} name={name} />
        ))}
      </EntityLinks>
    ),
  },
  {
    id: 'direct-permissions',
    header: t`Direct permissions`,
    cell: ({ users, userCount }) => (
      <EntityLinks total={userCount} counted={maxCountedHolders}>
        {users.map(({ id, username }) => (
          <EntityLink key={id} kind="user" id={id} name={username} />
        ))}
      </EntityLinks>
    ),
  },
]

const page = getRouteApi('/permissions')

export function PermissionsPage() {
  const search = page.useSearch()
  const view = useListView('permission')
  const { data } = useSuspenseQuery(permissionsQuery(search))
  const opened = search.view === undefined ? null : permissionAt(search.view)
  const go = useNavigateTo()
  return (
    <>
      <PageHeader
        title={t`Permissions`}
        description={t`All permissions of roles and users, and who has them.`}
        help={() => import('./help.ts').then(({ permissionsHelp }) => permissionsHelp)}
      />
      <QuestionBar total={data.total} options={<ListOptions view={view} columns={columns} />} />
      <DataTable
        view={view}
        label={t`Permissions`}
        page={data}
        columns={columns}
        keyOf={keyOf}
        linkOf={(held) => withSearch({ view: keyOf(held) })}
        defaultSort="resource"
        isFiltered={Boolean(search.can ?? search.about)}
        empty={
          <EmptyState title={t`No permissions yet`}>
            <Trans>Permissions are granted to roles and users. This page lists all of them.</Trans>
          </EmptyState>
        }
      />
      {opened && (
        <LateDialog onClose={() => go(withSearch({ view: undefined }))}>
          <PermissionDetails key={search.view} of={opened} />
        </LateDialog>
      )}
    </>
  )
}
