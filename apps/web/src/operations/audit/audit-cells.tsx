/** Who did it, and to what: the same in the list and in an opened event. */

import { roles } from '@gatehouse/contract/access/roles'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { users } from '@gatehouse/contract/identity/users'
import type { AuditEvent } from '@gatehouse/contract/operations/audit'
import type { Route } from '@gatehouse/contract/route'
import { Link, type LinkProps } from '@tanstack/react-router'
import { useSession } from '../../api/session.ts'
import { toAuthority, toRole, toUser } from '../../links.ts'
import { Machine } from '../../ui/badges.tsx'
import classes from './audit.module.css'
import { auditNobodyWords, auditTargetWords, auditViaWords } from './audit-words.ts'

export function Who({ event: { actor, via } }: { event: AuditEvent }) {
  if (!actor) return auditNobodyWords[via]
  return (
    <>
      <Machine>{actor.username}</Machine> <span className={classes['aside']}>{auditViaWords[via]}</span>
    </>
  )
}

type TargetType = NonNullable<AuditEvent['target']>['type']

/** Where a target is shown; it may have been deleted since. */
const places: Partial<Record<TargetType, { needs: Route; linkTo: (id: string) => LinkProps }>> = {
  user: { needs: users.view, linkTo: toUser },
  role: { needs: roles.view, linkTo: toRole },
  authority: { needs: authorities.view, linkTo: toAuthority },
}

export function Target({ event: { target, action } }: { event: AuditEvent }) {
  const { can } = useSession()
  if (!target) return '–'
  const place = action.endsWith('.deleted') ? undefined : places[target.type]
  const name = <Machine>{target.name}</Machine>
  return (
    <>
      {place && can(place.needs) ? (
        <Link {...place.linkTo(target.id)} className={classes['link']}>
          {name}
        </Link>
      ) : (
        name
      )}{' '}
      <span className={classes['aside']}>{auditTargetWords[target.type]}</span>
    </>
  )
}
