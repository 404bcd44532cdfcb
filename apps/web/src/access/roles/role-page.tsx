/** The page of one role: what it allows, a test of it, and who holds it. */

import { type Role, roles } from '@gatehouse/contract/access/roles'
import { users } from '@gatehouse/contract/identity/users'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { lazy } from 'react'
import { queryFor } from '../../api/queries.ts'
import { type Loading, mayIn, useSession } from '../../api/session.ts'
import { cellIcons, Name } from '../../identity/users/user-cells.tsx'
import { toHoldersOf, toRoles, toUser } from '../../links.ts'
import { StatusBadge } from '../../ui/badges.tsx'
import { LateDialog } from '../../ui/late-dialog.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { RowIconShapes } from '../../ui/row-icon.tsx'
import { RowMenu } from '../../ui/row-menu.tsx'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { Section } from '../../ui/section.tsx'
import { PermissionName } from '../permissions/permission-name.tsx'
import { PermissionTester } from '../permissions/permission-tester.tsx'
import { operationWords } from '../permissions/permission-words.ts'
import { roleDescription } from './role-description.ts'
import { useRemoveRole } from './role-remove.tsx'
import classes from './roles.module.css'
import { type RoleSearch, roleQuery } from './search.ts'

/** Loaded when it is opened. */
const RoleEdit = lazy(() => import('./role-edit-dialog.tsx').then(({ RoleEdit: dialog }) => ({ default: dialog })))

const shownHolders = 20

function holdersOf(id: string) {
  return queryFor(users.list, { search: { 'role[eq]': id, sort: 'username', limit: shownHolders } })
}

export async function load({
  context,
  params: { id },
}: Loading<RoleSearch> & { params: { id: string } }): Promise<void> {
  const { client, session } = context
  await Promise.all([
    client.fetchQuery({ ...roleQuery(id), staleTime: 0 }),
    mayIn(session, users.list) && client.ensureQueryData(holdersOf(id)),
  ])
}

const page = getRouteApi('/roles/$id')

export function RolePage() {
  const { id } = page.useParams()
  const { edit } = page.useSearch()
  const { data: role } = useSuspenseQuery(roleQuery(id))
  const go = useNavigateTo()
  return (
    <>
      <RowIconShapes icons={cellIcons} />
      <RoleHeader role={role} />
      <div className={classes['pageColumns']}>
        <div>
          <Permissions role={role} />
          <div className={classes['tester']}>
            <PermissionTester permissions={role.permissions} />
          </div>
        </div>
        <Holders role={role} />
      </div>
      {edit !== undefined && (
        <LateDialog onClose={() => go(withSearch({ edit: undefined }))}>
          <RoleEdit key={id} id={id} />
        </LateDialog>
      )}
    </>
  )
}

function RoleHeader({ role }: { role: Role }) {
  const { id, name, builtIn } = role
  const { whyNot } = useSession()
  const go = useNavigateTo()
  const removeRole = useRemoveRole()
  const cannotRemove = builtIn ? t`Built-in roles cannot be deleted.` : whyNot(roles.remove, { id })

  async function remove(): Promise<void> {
    if (await removeRole(role)) go(toRoles())
  }

  return (
    <PageHeader
      help={() => import('./help.ts').then(({ roleHelp }) => roleHelp)}
      title={name}
      above={
        <Link {...toRoles()}>
          <Trans>Roles</Trans>
        </Link>
      }
      aside={
        builtIn && (
          <StatusBadge status="off">
            <Trans>built-in</Trans>
          </StatusBadge>
        )
      }
      description={roleDescription(role) ?? t`Applies to its users at once when it is changed.`}
      actions={
        <>
          <Button onClick={() => go(withSearch({ edit: '' }))}>
            {builtIn || whyNot(roles.update, { id }) ? t`Show` : t`Edit`}
          </Button>
          <RowMenu
            name={name}
            actions={[{ label: t`Delete…`, dangerous: true, onSelect: () => void remove(), whyNot: cannotRemove }]}
          />
        </>
      }
    />
  )
}

function Permissions({ role: { permissions } }: { role: Role }) {
  return (
    <Section title={t`Permissions`} empty={permissions.length === 0 && t`None: own account only.`}>
      <ul className={classes['permissions']} aria-label={t`Permissions`}>
        {permissions.map((permission) => (
          <li key={`${permission.context} ${permission.operation} ${permission.resource}`}>
            <PermissionName of={permission} />
            <span>{operationWords(permission)}</span>
          </li>
        ))}
      </ul>
    </Section>
  )
}

function Holders({ role: { id, userCount } }: { role: Role }) {
  const { can } = useSession()
  const { data } = useQuery({ ...holdersOf(id), enabled: can(users.list) })
  const isHidden = userCount > 0 && !can(users.list)
  return (
    <Section
      title={plural(userCount, { one: '# user', other: '# users' })}
      actions={
        data?.nextCursor && (
          <Link {...toHoldersOf(id)}>
            <Trans>View all</Trans>
          </Link>
        )
      }
      empty={isHidden ? t`You have no permission to list users.` : userCount === 0 && t`No user has this role.`}
    >
      <ul className={classes['permissions']} aria-label={t`Users with this role`}>
        {data?.items.map((user) => (
          <li key={user.id}>
            {can(users.view, { id: user.id }) ? (
              <Link {...toUser(user.id)}>
                <Name user={user} />
              </Link>
            ) : (
              <Name user={user} />
            )}
          </li>
        ))}
      </ul>
    </Section>
  )
}
