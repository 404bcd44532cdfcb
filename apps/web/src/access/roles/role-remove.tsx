/** Deletes a role and resolves with whether it was done. If users hold it, the dialog shows how many, and the deletion takes the role from them. */

import { type Role, type RoleImpact, roles } from '@gatehouse/contract/access/roles'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { call, isRefusal } from '../../api/client.ts'
import { useChange } from '../../api/queries.ts'
import { toHoldersOf } from '../../links.ts'
import { Machine } from '../../ui/badges.tsx'
import { type Consequence, confirmWith } from '../../ui/confirm.tsx'
import { connectionsEnd, disconnectedWords } from '../../ui/consequences.ts'
import { foreseenElsewhere } from '../../ui/foreseen.ts'
import { toast } from '../../ui/toast.tsx'
import { EntityLinks } from './entity-link.tsx'

type Removable = Pick<Role, 'id' | 'name' | 'version'>

export function useRemoveRole(): (role: Removable) => Promise<boolean> {
  const { mutateAsync } = useChange(roles.remove)

  /** `wasRefused`: the role is in use, by mappings that the person may not see. */
  async function ask(role: Removable, wasRefused = false): Promise<boolean> {
    let isRefused = false
    const isAnswered = await confirmWith(async () => {
      const impact = await call(roles.impact, { params: { id: role.id }, body: { delete: true } })
      const isInUse = impact.users > 0 || (impact.mappings?.length ?? 0) > 0 || wasRefused
      return {
        title: t`Delete ${role.name}?`,
        message: isInUse ? <InUse id={role.id} {...impact} /> : t`Not assigned to any user.`,
        ...(impact.users > 0 && { consequences: consequencesOf(impact) }),
        notes: foreseenElsewhere(impact.connectionsByBroker),
        action: isInUse ? t`Remove from users and delete` : t`Delete`,
        run: async () => {
          isRefused = !(await remove(role, isInUse))
        },
      }
    })
    return isRefused ? ask(role, true) : isAnswered
  }

  /** Resolves with false if a user or a mapping got the role while the dialog was open. */
  async function remove(role: Removable, detach: boolean): Promise<boolean> {
    try {
      const ended = await mutateAsync({
        params: { id: role.id },
        ifMatch: role.version,
        ...(detach && { search: { detach: 'true' } }),
      })
      toast({ message: t`Role ${role.name} deleted. ${disconnectedWords(ended)}` })
      return true
    } catch (error) {
      if (!isRefusal(error, 'role_in_use')) throw error
      return false
    }
  }

  return ask
}

function consequencesOf({ users, connections }: RoleImpact): Consequence[] {
  return [
    {
      count: users,
      what: plural(users, { one: 'user loses its permissions', other: 'users lose its permissions' }),
    },
    ...(connections === 0 ? [] : [{ count: connections, what: connectionsEnd(connections) }]),
  ]
}

/** The first holders. The link to all of them opens a new tab, so that the dialog stays open. */
function InUse({ id, users: count, firstUsers, mappings }: RoleImpact & { id: string }) {
  return (
    <>
      <p>
        <Trans>The role is in use. Removing it takes effect at once, for live connections too.</Trans>
      </p>
      {mappings && mappings.length > 0 && (
        <p>
          <Trans>Identity providers give it to members of:</Trans>{' '}
          {mappings.map(({ provider, source }) => (
            <Machine key={`${provider} ${source}`}>{`${provider}: ${source}`}</Machine>
          ))}
        </p>
      )}
      {firstUsers && count > 0 && (
        <p>
          <Trans>Assigned to:</Trans>{' '}
          <EntityLinks total={count} counted={count}>
            {firstUsers.map((user) => (
              <Machine key={user.id}>{user.username}</Machine>
            ))}
          </EntityLinks>{' '}
          <Link {...toHoldersOf(id)} target="_blank">
            {plural(count, { one: 'Show user', other: 'Show all #' })}
          </Link>
        </p>
      )}
    </>
  )
}
