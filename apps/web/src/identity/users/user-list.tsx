/** The lists of users: People, Devices, and both together for links about all users, such as the holders of a role. */

import { roles } from '@gatehouse/contract/access/roles'
import { addressOf } from '@gatehouse/contract/client'
import { identityProviders } from '@gatehouse/contract/identity/providers'
import { userChanges } from '@gatehouse/contract/identity/user-changes'
import { userTransfer } from '@gatehouse/contract/identity/user-import'
import { type User, users } from '@gatehouse/contract/identity/users'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useSuspenseQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { foundRolesQuery } from '../../access/roles/found-roles.ts'
import { RoleFilter } from '../../access/roles/role-filter.tsx'
import { queryFor } from '../../api/queries.ts'
import { type Loading, mayIn, useSession } from '../../api/session.ts'
import { toUser } from '../../links.ts'
import type { Column } from '../../ui/column.ts'
import { DataTable } from '../../ui/data-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ChoiceFilter, Choices, Filters, SearchFilter } from '../../ui/filters.tsx'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { LateDialog } from '../../ui/late-dialog.tsx'
import { ListOptions, type ListOptionsProps } from '../../ui/list-options.tsx'
import { useListView } from '../../ui/list-view.ts'
import { OneLine } from '../../ui/one-line.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { RowIconShapes } from '../../ui/row-icon.tsx'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { useSelection } from '../../ui/selection.ts'
import { passwordPolicyQuery } from '../passwords/password-policy.ts'
import { providersQuery } from '../providers/search.ts'
import { filtersIn, findAllUsers, type UsersSearch, userQuery } from './search.ts'
import { TagFilter } from './tag-filter.tsx'
import { cellIcons, Methods, Name, RoleNames, SecondFactor, Tags, TimeCell } from './user-cells.tsx'
import { methodNames } from './user-impact.ts'
import { useUserMenu } from './user-menu.ts'
import { OriginFilter, originName, useProviders } from './user-origin.tsx'
import classes from './users.module.css'

function usersQuery(search: UsersSearch) {
  const { sort = 'username', cursor } = search
  return queryFor(users.list, { search: { ...filtersIn(search), sort, cursor } })
}

const keyOf = ({ id }: User) => id

/** Lazy: the code of the dialogs is a third of the page. */
const UserCreate = lazy(() =>
  import('./user-create-dialog.tsx').then(({ UserCreate: dialog }) => ({ default: dialog })),
)
/** Loaded when the first row is selected. */
const BulkBar = lazy(() => import('./bulk-bar.tsx').then(({ BulkBar: bar }) => ({ default: bar })))
const UserEdit = lazy(() => import('./user-edit-dialog.tsx').then(({ UserEdit: dialog }) => ({ default: dialog })))

/** People have a second factor, devices have none. `null`: both kinds. */
type ListKind = User['kind'] | null

export async function loadList({ context: { client, session }, deps }: Loading<UsersSearch>): Promise<void> {
  await Promise.all([
    client.ensureQueryData(usersQuery(deps)),
    client.ensureQueryData(passwordPolicyQuery),
    mayIn(session, roles.list) && client.ensureQueryData(foundRolesQuery()),
    mayIn(session, identityProviders.list) && client.ensureQueryData(providersQuery),
    deps.edit !== undefined && client.fetchQuery({ ...userQuery(deps.edit), staleTime: 0 }),
  ])
}

const username: Column<User> = {
  id: 'username',
  header: t`Username`,
  sort: 'username',
  width: '26%',
  cell: (user) => <Name user={user} />,
}
const held: Column<User> = { id: 'roles', header: t`Roles`, cell: ({ roleNames }) => <RoleNames names={roleNames} /> }
const methods: Column<User> = { id: 'methods', header: t`Signs in with`, cell: (user) => <Methods user={user} /> }
const tags: Column<User> = { id: 'tags', header: t`Tags`, cell: (user) => <Tags tags={user.tags} /> }
const factor: Column<User> = { id: 'factor', header: t`MFA`, cell: (user) => <SecondFactor user={user} /> }
const lastSignIn: Column<User> = {
  id: 'lastSignInAt',
  header: t`Last sign-in`,
  sort: 'lastSignInAt',
  width: '136px',
  cell: ({ lastSignInAt }) => <TimeCell at={lastSignInAt} />,
}
const created: Column<User> = {
  id: 'createdAt',
  header: t`Created`,
  sort: 'createdAt',
  width: '136px',
  wideOnly: true,
  cell: ({ createdAt }) => <TimeCell at={createdAt} />,
}

interface ListWords {
  title: string
  description: string
  add: string
  search: string
  count: (total: number) => string
  nothing: string
  empty: string
  columns: readonly Column<User>[]
}

const both: ListWords = {
  title: t`Users`,
  description: t`People and devices together.`,
  add: t`Add user`,
  search: t`Search users`,
  count: (total) => plural(total, { one: '# user', other: '# users' }),
  nothing: t`No users yet`,
  empty: t`A user is a person or a device that can sign in.`,
  columns: [username, held, methods, factor, lastSignIn, created],
}

const lists: Record<User['kind'], ListWords> = {
  person: {
    title: t`People`,
    description: t`Who can sign in to this console, and how.`,
    add: t`Add person`,
    search: t`Search people`,
    count: (total) => plural(total, { one: '# person', other: '# people' }),
    nothing: t`No people yet`,
    empty: t`Add the people who administer this installation.`,
    columns: [username, held, methods, factor, lastSignIn, created],
  },
  machine: {
    title: t`Devices`,
    description: t`What connects to the broker: machines, gateways and services.`,
    add: t`Add device`,
    search: t`Search devices`,
    count: (total) => plural(total, { one: '# device', other: '# devices' }),
    nothing: t`No devices yet`,
    empty: t`Add a device, issue its certificate, and connect it to the broker.`,
    columns: [username, tags, held, methods, { ...lastSignIn, header: t`Last seen` }, created],
  },
}

export function UserList({ search: inUrl, kind }: { search: UsersSearch; kind: ListKind }) {
  const search = kind === null ? inUrl : { ...inUrl, kind }
  const words = kind === null ? both : lists[kind]
  const { title, description, add, nothing, empty } = words
  const columns = useColumns(words, kind)
  const { data } = useSuspenseQuery(usersQuery(search))
  const filters = filtersIn(search)
  const { can, whyNot } = useSession()
  const go = useNavigateTo()
  const view = useListView(kind ?? 'user')
  const selected = useSelection({ rows: data.items, keyOf, filters: JSON.stringify(filters) })
  const selection = can(userChanges.apply) ? selected : undefined
  const actionsOf = useUserMenu({ editLink: ({ id }) => withSearch({ edit: id }) })
  return (
    <>
      <PageHeader
        help={() => import('./help.ts').then(({ usersHelp }) => usersHelp)}
        title={title}
        description={description}
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
              {add}
            </GuardedButton>
          </>
        }
      />
      <RowIconShapes icons={cellIcons} />
      <UserFilters total={data.total} kind={kind} words={words} view={view} columns={columns} />
      {selection && selection.selected.length > 0 && (
        <Suspense>
          <BulkBar
            selection={selection}
            count={data.items.length}
            total={data.total}
            findAll={() => findAllUsers(filters)}
          />
        </Suspense>
      )}
      <DataTable
        label={title}
        selection={selection}
        view={view}
        page={data}
        columns={columns}
        keyOf={keyOf}
        nameOf={(user) => user.username}
        linkOf={({ id }) => (can(users.view, { id }) ? toUser(id) : undefined)}
        actionsOf={actionsOf}
        isOff={(user) => user.disabledAt !== null}
        defaultSort="username"
        isFiltered={Object.values(filtersIn(inUrl)).some(Boolean)}
        empty={<EmptyState title={nothing}>{empty}</EmptyState>}
      />
      {search.create !== undefined && (
        <LateDialog onClose={() => go(withSearch({ create: undefined }))}>
          <UserCreate key={search.create} username={search.create} kind={kind} />
        </LateDialog>
      )}
      {search.edit !== undefined && (
        <LateDialog onClose={() => go(withSearch({ edit: undefined }))}>
          <UserEdit key={search.edit} id={search.edit} />
        </LateDialog>
      )}
    </>
  )
}

/** Where users come from is only shown where they can come from somewhere. */
function useColumns({ columns }: ListWords, kind: ListKind): readonly Column<User>[] {
  const providers = useProviders() ?? []
  if (providers.length === 0 || kind === 'machine') return columns
  const origin: Column<User> = {
    id: 'origin',
    header: t`Origin`,
    cell: (user) => <OneLine>{originName(providers, user)}</OneLine>,
  }
  return columns.toSpliced(columns.indexOf(held), 0, origin)
}

const kindNames = { person: t`People`, machine: t`Devices` }
const factorNames = { on: t`On`, missing: t`Required, not set up`, off: t`Off` }
const stateNames = { enabled: t`Enabled`, disabled: t`Disabled` }

function optionsOf(names: Readonly<Record<string, string>>) {
  return Object.entries(names).map(([value, label]) => ({ value, label }))
}

interface UserFiltersProps extends ListOptionsProps {
  total: number | null
  kind: ListKind
  words: ListWords
}

function UserFilters({ total, kind, words, view, columns }: UserFiltersProps) {
  const { can } = useSession()
  return (
    <Filters total={total} of={words.count}>
      <SearchFilter label={words.search} />
      <Choices>
        {can(roles.list) && <RoleFilter />}
        {can(users.tags) && <TagFilter />}
        {kind !== 'machine' && <OriginFilter />}
        <ChoiceFilter name="method" label={t`Signs in with`} options={optionsOf(methodNames)} />
        {kind !== 'machine' && <ChoiceFilter name="factor" label={t`MFA`} options={optionsOf(factorNames)} />}
        {kind === null && <ChoiceFilter name="kind" label={t`Kind`} options={optionsOf(kindNames)} />}
        <ChoiceFilter name="state" label={t`State`} options={optionsOf(stateNames)} />
      </Choices>
      <ListOptions view={view} columns={columns} />
    </Filters>
  )
}
