/** The users: people and machines, how they sign in, when they last did. */

import { roles } from '@gatehouse/contract/access/roles'
import { decisions } from '@gatehouse/contract/brokers/decisions'
import { addressOf } from '@gatehouse/contract/client'
import { userTransfer } from '@gatehouse/contract/identity/user-import'
import { type User, users } from '@gatehouse/contract/identity/users'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
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
import { RowIconShapes } from '../../ui/row-icon.tsx'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { passwordPolicyQuery } from '../passwords/password-policy.ts'
import { filtersIn, type UsersSearch, userQuery } from './search.ts'
import { askForPassword, useUserActions, whyNotPassword } from './user-actions.ts'
import { cellIcons, Methods, Name, SecondFactor, TimeCell } from './user-cells.tsx'
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
  { header: t`Username`, sort: 'username', width: '26%', cell: (user) => <Name user={user} /> },
  { header: t`Roles`, cell: ({ roleNames }) => roleNames.join(', ') || '–' },
  { header: t`Signs in with`, cell: (user) => <Methods user={user} /> },
  { header: t`MFA`, cell: (user) => <SecondFactor user={user} /> },
  {
    header: t`Last sign-in`,
    sort: 'lastSignInAt',
    width: '136px',
    cell: ({ lastSignInAt }) => <TimeCell at={lastSignInAt} />,
  },
  {
    header: t`Created`,
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
        title={t`Users`}
        description={t`People and machines that may sign in.`}
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
                <Trans>Export</Trans>
              </Button>
            )}
            <GuardedButton
              variant="default"
              whyNot={whyNot(userTransfer.batch)}
              onClick={() => go({ to: '/users/import' })}
            >
              <Trans>Import…</Trans>
            </GuardedButton>
            <GuardedButton
              leftSection={<IconPlus size={16} aria-hidden />}
              whyNot={whyNot(users.create)}
              onClick={() => go(withSearch({ create: '' }))}
            >
              <Trans>Add user</Trans>
            </GuardedButton>
          </>
        }
      />
      <UserFilters total={data.total} />
      <RowIconShapes icons={cellIcons} />
      <DataTable
        label={t`Users`}
        page={data}
        columns={columns}
        keyOf={(user) => user.id}
        nameOf={(user) => user.username}
        linkOf={(user) => withSearch({ edit: user.id })}
        actionsOf={actionsOf}
        isOff={(user) => user.disabledAt !== null}
        defaultSort="username"
        isFiltered={Object.values(filters).some(Boolean)}
        empty={
          <EmptyState title={t`No users yet`}>
            <Trans>A user is a person or a machine that may sign in.</Trans>
          </EmptyState>
        }
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
      { label: whyNot(users.update, { id }) ? t`Show` : t`Edit`, link: withSearch({ edit: id }) },
      { label: t`Set password…`, onSelect: () => void askForPassword(user), whyNot: whyNotPassword(user, current) },
      ...(can(decisions.list) ? [{ label: t`Decisions`, link: toDecisionHistory(user.username) }] : []),
      user.disabledAt === null
        ? { label: t`Disable…`, onSelect: () => void disable(user), whyNot: cannotUpdate }
        : { label: t`Enable`, onSelect: () => void enable(user), whyNot: cannotUpdate },
      {
        label: t`Delete…`,
        dangerous: true,
        onSelect: () => void remove(user),
        whyNot: whyNotOwn(id) ?? whyNot(users.remove, { id }),
      },
    ]
  }

  function whyNotOwn(id: string): string | undefined {
    return id === self.id ? t`This is your own account. Another administrator can do it.` : undefined
  }
}

const kindNames = { person: t`People`, machine: t`Machines` }
const factorNames = { on: t`On`, missing: t`Required, not set up`, off: t`Off` }
const stateNames = { enabled: t`Enabled`, disabled: t`Disabled` }

function optionsOf(names: Readonly<Record<string, string>>) {
  return Object.entries(names).map(([value, label]) => ({ value, label }))
}

function UserFilters({ total }: { total: number | null }) {
  const { can } = useSession()
  return (
    <Filters total={total} of={(count) => plural(count, { one: '# user', other: '# users' })}>
      <SearchFilter label={t`Search users`} />
      <Choices>
        {can(roles.list) && <RoleFilter />}
        <ChoiceFilter name="method" label={t`Signs in with`} options={optionsOf(methodNames)} />
        <ChoiceFilter name="factor" label={t`MFA`} options={optionsOf(factorNames)} />
        <ChoiceFilter name="kind" label={t`Kind`} options={optionsOf(kindNames)} />
        <ChoiceFilter name="state" label={t`State`} options={optionsOf(stateNames)} />
      </Choices>
    </Filters>
  )
}
