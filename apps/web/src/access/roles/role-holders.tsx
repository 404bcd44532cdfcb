/** Who has the role: how many, the first few of them, and the way to all. */

import type { Role } from '@gatehouse/contract/access/roles'
import { users } from '@gatehouse/contract/identity/users'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { queryFor } from '../../api/queries.ts'
import { useSession } from '../../api/session.ts'
import { toHoldersOf } from '../../links.ts'
import { formatNumber } from '../../messages/format.ts'
import { Fact, Facts } from '../../ui/facts.tsx'
import { EntityLink, EntityLinks } from './entity-link.tsx'
import classes from './roles.module.css'

const shown = 8

export function RoleHolders({ role: { id, userCount } }: { role: Pick<Role, 'id' | 'userCount'> }) {
  const { can } = useSession()
  const { data } = useQuery({
    ...queryFor(users.list, { search: { 'role[eq]': id, sort: 'username', limit: shown } }),
    enabled: userCount > 0 && can(users.list),
  })
  return (
    <Facts>
      <Fact label={t`Users`}>
        <span className={classes['holders']}>
          {userCount === 0 ? t`Not assigned to any user.` : formatNumber(userCount)}
          {data && (
            <EntityLinks total={userCount} counted={userCount}>
              {data.items.map((user) => (
                <EntityLink key={user.id} kind="user" id={user.id} name={user.username} />
              ))}
            </EntityLinks>
          )}
          {data?.nextCursor && (
            <Link {...toHoldersOf(id)}>
              <Trans>Show all</Trans>
            </Link>
          )}
        </span>
      </Fact>
    </Facts>
  )
}
