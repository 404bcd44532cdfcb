/** The users: people and machines, how they sign in, when they last did. */

import { roles } from '@gatehouse/contract/access/roles'
import { decisions } from '@gatehouse/contract/brokers/decisions'
import { addressOf } from '@gatehouse/contract/client'
import { userTransfer } from '@gatehouse/contract/identity/user-import'
import { type User, users } from '@gatehouse/contract/identity/users'
import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { lazy } from 'react'
import { foundRolesQuery } from '../../access/roles/found-roles.ts'
import { RoleFilter } from '../../access/roles/role-filter.tsx'
import { queryFor } from '../../api/queries.ts'
import { type Loading, mayIn, useSession } from '../../api/session.ts'
import { toDecisionHistory } from '../../links.ts'
import type { Column, RowAction } from '../../ui/column.ts'
import { DataTable } from '../../ui/data-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ChoiceFilter, Choices, Filters, SearchFilter } from '../../ui/filters.tsx'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { LateDialog } from '../../ui/late-dialog.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { passwordPolicyQuery } from '../passwords/password-policy.ts'
import { filtersIn, type UsersSearch, userQuery } from './search.ts'
import { askForPassword, useUserActions, whyNotPassword } from './user-actions.ts'
import { Methods, Name, SecondFactor, TimeCell } from './user-cells.tsx'
import { methodNames } from './user-impact.ts'
import classes from './users.module.css'

function usersQuery(search: UsersSearch) {
  const { sort = 'username', cursor } = search
  return queryFor(users.list, { search: { ...filtersIn(search), sort, cursor } })
}

/** Lazy: the code of the dialogs is a third of the page. */
const UserCreate = lazy(() =>
  import('./user-create-dialog.tsx').then(({ UserCreate: dialog }) => ({ default: dialog })),
)
const UserEdit = lazy(() => import('./user-edit-dialog.tsx').then(({ UserEdit: dialog }) => ({ default: dialog })))

export async function load({ context: { client, session }, deps }: Loading<UsersSearch>): Promise<void> {
  await Promise.all([
    client.ensureQueryData(usersQuery(deps)),
    client.ensureQueryData(passwordPolicyQuery),
    mayIn(session, roles.list) && client.ensureQueryData(foundRolesQuery()),
    deps.edit !== undefined && client.fetchQuery({ ...userQuery(deps.edit), staleTime: 0 }),
  ])
}

const columns: readonly Column<User>[] = [
  { header: 'Username', sort: 'username', width: '26%', cell: (user) => <Name user={user} /> },
  { header: 'Roles', cell: ({ roleNames }) => roleNames.join(', ') || '–' },
  { header: 'Signs in with', cell: (user) => <Methods user={user} /> },
  { header: 'Second factor', cell: (user) => <SecondFactor user={user} /> },
  {
    header: 'Last sign-in',
    sort: 'lastSignInAt',
    width: '136px',
    cell: ({ lastSignInAt }) => <TimeCell at={lastSignInAt} />,
  },
  {
    header: 'Created',
    sort: 'createdAt',
    width: '136px',
    wideOnly: true,
    cell: ({ createdAt }) => <TimeCell at={createdAt} />,
  },
]

const page = getRouteApi('/users')

export function UsersPage() {
  const search = page.useSearch()
  const { data } = useSuspenseQuery(usersQuery(search))
  const filters = filtersIn(search)
  const current = useSession()
  const { user: self, can, whyNot } = current
  const go = useNavigateTo()
  const { disable, enable, remove } = useUserActions()
  return (
    <>
      <PageHeader
        title="Users"
        description="People and machines that may sign in."
        actions={
          <>
            {can(userTransfer.export) && (
              <Button
                component="a"
                className={classes['button']}
                variant="default"
                href={addressOf(userTransfer.export, { search: filters })}
                download
              >
                Export
              </Button>
            )}
            <GuardedButton
              variant="default"
              whyNot={whyNot(userTransfer.batch)}
              onClick={() => go({ to: '/users/import' })}
            >
              Import…
            </GuardedButton>
            <GuardedButton
              leftSection={<IconPlus size={16} aria-hidden />}
              whyNot={whyNot(users.create)}
              onClick={() => go(withSearch({ create: '' }))}
            >
              Add user
            </GuardedButton>
          </>
        }
      />
      <UserFilters total={data.total} />
      <DataTable
        label="Users"
        page={data}
        columns={columns}
        keyOf={(user) => user.id}
        nameOf={(user) => user.username}
        linkOf={(user) => withSearch({ edit: user.id })}
        actionsOf={actionsOf}
        isOff={(user) => user.disabledAt !== null}
        defaultSort="username"
        isFiltered={Object.values(filters).some(Boolean)}
        empty={<EmptyState title="No users yet">A user is a person or a machine that may sign in.</EmptyState>}
      />
      {search.create !== undefined && (
        <LateDialog onClose={() => go(withSearch({ create: undefined }))}>
          <UserCreate key={search.create} username={search.create} />
        </LateDialog>
      )}
      {search.edit !== undefined && (
        <LateDialog onClose={() => go(withSearch({ edit: undefined }))}>
          <UserEdit key={search.edit} id={search.edit} />
        </LateDialog>
      )}
    </>
  )

  function actionsOf(user: User): RowAction[] {
    const { id } = user
    const cannotUpdate = whyNotOwn(id) ?? whyNot(users.update, { id })
    return [
      { label: whyNot(users.update, { id }) ? 'Show' : 'Edit', link: withSearch({ edit: id }) },
      { label: 'Set password…', onSelect: () => void askForPassword(user), whyNot: whyNotPassword(user, current) },
      ...(can(decisions.list) ? [{ label: 'Decisions', link: toDecisionHistory(user.username) }] : []),
      user.disabledAt === null
        ? { label: 'Disable…', onSelect: () => void disable(user), whyNot: cannotUpdate }
        : { label: 'Enable', onSelect: () => void enable(user), whyNot: cannotUpdate },
      {
        label: 'Delete…',
        dangerous: true,
        onSelect: () => void remove(user),
        whyNot: whyNotOwn(id) ?? whyNot(users.remove, { id }),
      },
    ]
  }

  function whyNotOwn(id: string): string | undefined {
    return id === self.id ? 'Your own account: another administrator can.' : undefined
  }
}

const kindNames = { person: 'People', machine: 'Machines' }
const factorNames = { on: 'On', missing: 'Required, not set up', off: 'Off' }
const stateNames = { enabled: 'Enabled', disabled: 'Disabled' }

function optionsOf(names: Readonly<Record<string, string>>) {
  return Object.entries(names).map(([value, label]) => ({ value, label }))
}

function UserFilters({ total }: { total: number | null }) {
  const { can } = useSession()
  return (
    <Filters total={total} of={total === 1 ? 'user' : 'users'}>
      <SearchFilter label="Search users" />
      <Choices>
        {can(roles.list) && <RoleFilter />}
        <ChoiceFilter name="method" label="Signs in with" options={optionsOf(methodNames)} />
        <ChoiceFilter name="factor" label="Second factor" options={optionsOf(factorNames)} />
        <ChoiceFilter name="kind" label="Kind" options={optionsOf(kindNames)} />
        <ChoiceFilter name="state" label="State" options={optionsOf(stateNames)} />
      </Choices>
    </Filters>
  )
}
