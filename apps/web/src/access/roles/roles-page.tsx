/** The roles: what there is, what each allows, who holds it. */

import { type Role, roles } from '@gatehouse/contract/access/roles'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { IconPlus } from '@tabler/icons-react'
import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { lazy } from 'react'
import { queryFor } from '../../api/queries.ts'
import { type Loading, useSession } from '../../api/session.ts'
import { toRole } from '../../links.ts'
import { formatNumber } from '../../messages/format.ts'
import { StatusBadge } from '../../ui/badges.tsx'
import type { Column } from '../../ui/column.ts'
import { DataTable } from '../../ui/data-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Filters, SearchFilter } from '../../ui/filters.tsx'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { LateDialog } from '../../ui/late-dialog.tsx'
import { ListOptions } from '../../ui/list-options.tsx'
import { useListView } from '../../ui/list-view.ts'
import { OneLine } from '../../ui/one-line.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { permissionSentence } from '../permissions/permission-words.ts'
import { roleDescription } from './role-description.ts'
import { useRemoveRole } from './role-remove.tsx'
import { type RolesSearch, roleQuery } from './search.ts'

function rolesQuery({ search, sort, cursor }: RolesSearch) {
  return queryFor(roles.list, { search: { search, sort: sort ?? 'name', cursor } })
}

/** Loaded when one is opened. */
const RoleCreate = lazy(() =>
  import('./role-create-dialog.tsx').then(({ RoleCreate: dialog }) => ({ default: dialog })),
)
const RoleEdit = lazy(() => import('./role-edit-dialog.tsx').then(({ RoleEdit: dialog }) => ({ default: dialog })))

export async function load({ context: { client }, deps }: Loading<RolesSearch>): Promise<void> {
  await Promise.all([
    client.ensureQueryData(rolesQuery(deps)),
    deps.edit !== undefined && client.fetchQuery({ ...roleQuery(deps.edit), staleTime: 0 }),
  ])
}

const columns: readonly Column<Role>[] = [
  { id: 'name', header: t`Name`, sort: 'name', width: '26%', cell: (role) => <Name role={role} /> },
  { id: 'description', header: t`Description`, cell: (role) => <OneLine>{roleDescription(role) ?? ''}</OneLine> },
  {
    id: 'allows',
    header: t`Allows`,
    width: '30%',
    wideOnly: true,
    cell: (role) => <OneLine>{allowedWords(role)}</OneLine>,
  },
  { id: 'users', header: t`Users`, align: 'end', width: '88px', cell: (role) => formatNumber(role.userCount) },
]

const page = getRouteApi('/roles')

export function RolesPage() {
  const search = page.useSearch()
  const view = useListView('role')
  const { data } = useSuspenseQuery(rolesQuery(search))
  const { can, whyNot } = useSession()
  const go = useNavigateTo()
  const removeRole = useRemoveRole()
  return (
    <>
      <PageHeader
        help={() => import('./help.ts').then(({ rolesHelp }) => rolesHelp)}
        title={t`Roles`}
        description={t`Named sets of permissions that you assign to users.`}
        actions={
          <GuardedButton
            leftSection={<IconPlus size={16} aria-hidden />}
            whyNot={whyNot(roles.create)}
            onClick={() => go(withSearch({ create: '' }))}
          >
            <Trans>Add role</Trans>
          </GuardedButton>
        }
      />
      <Filters total={data.total} of={(count) => plural(count, { one: '# role', other: '# roles' })}>
        <SearchFilter label={t`Search roles`} />
        <ListOptions view={view} columns={columns} />
      </Filters>
      <DataTable
        view={view}
        label={t`Roles`}
        page={data}
        columns={columns}
        keyOf={(role) => role.id}
        nameOf={(role) => role.name}
        linkOf={({ id }) => (can(roles.view, { id }) ? toRole(id) : withSearch({ edit: id }))}
        actionsOf={(role) => [
          { label: role.builtIn ? t`Show` : t`Edit`, link: withSearch({ edit: role.id }) },
          { label: t`Delete…`, dangerous: true, onSelect: () => void removeRole(role), whyNot: whyNotRemove(role) },
        ]}
        defaultSort="name"
        isFiltered={Boolean(search.search)}
        empty={
          <EmptyState title={t`No roles yet`}>
            <Trans>A role defines which pages and topics its users may use.</Trans>
          </EmptyState>
        }
      />
      {search.create !== undefined && (
        <LateDialog onClose={() => go(withSearch({ create: undefined }))}>
          <RoleCreate />
        </LateDialog>
      )}
      {search.edit !== undefined && (
        <LateDialog onClose={() => go(withSearch({ edit: undefined }))}>
          <RoleEdit key={search.edit} id={search.edit} />
        </LateDialog>
      )}
    </>
  )

  function whyNotRemove(role: Role): string | undefined {
    return role.builtIn ? t`Built-in roles cannot be deleted.` : whyNot(roles.remove, { id: role.id })
  }
}

function Name({ role }: { role: Role }) {
  return (
    <>
      {role.name}{' '}
      {role.builtIn && (
        <StatusBadge status="off">
          <Trans>built-in</Trans>
        </StatusBadge>
      )}
    </>
  )
}

function allowedWords({ permissions }: Role): string {
  const [first, ...others] = permissions
  if (!first) return t`Own account only`
  const sentence = permissionSentence(first)
  return others.length > 0 ? t`${sentence}, and ${others.length} more` : sentence
}
