/** A link to a user or a role; only the name if the user may not view it. */

import { roles } from '@gatehouse/contract/access/roles'
import { users } from '@gatehouse/contract/identity/users'
import { Trans } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { Children, type ReactNode } from 'react'
import { useSession } from '../../api/session.ts'
import { toRole, toUser } from '../../links.ts'
import { formatNumber } from '../../messages/format.ts'
import { Machine } from '../../ui/badges.tsx'
import classes from './entity-link.module.css'

interface EntityLinkProps {
  kind: 'role' | 'user'
  id: string
  name: string
}

const places = {
  role: { reads: roles.view, linkTo: toRole },
  user: { reads: users.view, linkTo: toUser },
} as const

export function EntityLink({ kind, id, name }: EntityLinkProps) {
  const { can } = useSession()
  const { reads, linkTo } = places[kind]
  const shown = kind === 'user' ? <Machine>{name}</Machine> : name
  if (!can(reads, { id })) return shown
  return (
    <Link {...linkTo(id)} className={classes['link']}>
      {shown}
    </Link>
  )
}

interface EntityLinksProps {
  /** How many there are; null: more than were counted. */
  total: number | null
  counted: number
  children: ReactNode
}

/** The first few of many. */
export function EntityLinks({ total, counted, children }: EntityLinksProps) {
  const shown = Children.count(children)
  if (shown === 0) return '–'
  const others = total === null ? `${formatNumber(counted)}+` : formatNumber(total - shown)
  return (
    <span className={classes['links']}>
      {children}
      {total !== shown && (
        <span className={classes['others']}>
          <Trans>and {others} more</Trans>
        </span>
      )}
    </span>
  )
}
