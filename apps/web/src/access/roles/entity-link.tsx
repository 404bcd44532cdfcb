/** The way to a user or a role that is mentioned somewhere else; only its name for whoever may not see it. */
import { roles } from '@gatehouse/contract/access/roles'
import { users } from '@gatehouse/contract/identity/users'
import { Link, type LinkProps } from '@tanstack/react-router'
import { Children, type ReactNode } from 'react'
import { useSession } from '../../api/session.ts'
import { Machine } from '../../ui/badges.tsx'
import classes from './entity-link.module.css'

interface ThingLinkProps {
  kind: 'role' | 'user'
  id: string
  name: string
}

const places = {
  role: { reads: roles.view, to: '/roles' },
  user: { reads: users.view, to: '/users' },
} as const

export function ThingLink({ kind, id, name }: ThingLinkProps) {
  const { can } = useSession()
  const { reads, to } = places[kind]
  const shown = kind === 'user' ? <Machine>{name}</Machine> : name
  if (!can(reads, { id })) return shown
  return (
    <Link {...({ to, search: { edit: id } } as LinkProps)} className={classes['link']}>
      {shown}
    </Link>
  )
}

interface ThingLinksProps {
  /** How many there are; null: more than were counted. */
  total: number | null
  counted: number
  children: ReactNode
}

/** The first few of many. */
export function ThingLinks({ total, counted, children }: ThingLinksProps) {
  const shown = Children.count(children)
  if (shown === 0) return '–'
  const others = total === null ? `${counted.toLocaleString('en')}+` : (total - shown).toLocaleString('en')
  return (
    <span className={classes['links']}>
      {children}
      {total !== shown && <span className={classes['others']}>and {others} more</span>}
    </span>
  )
}
