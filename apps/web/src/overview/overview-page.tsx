/** The first page: what to do first, with the figures that the reader may see. */
import { authorities } from '@gatehouse/contract/authorities'
import { broker } from '@gatehouse/contract/broker'
import type { Route } from '@gatehouse/contract/route'
import { users } from '@gatehouse/contract/users'
import { useSuspenseQuery } from '@tanstack/react-query'
import { Link, type LinkProps } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { queryFor } from '../api/queries.ts'
import { type Loading, mayIn, useSession } from '../api/session.ts'
import { PageHeader } from '../shell/page-header.tsx'
import classes from './overview.module.css'

const authorityCountQuery = queryFor(authorities.list, { search: { limit: 1 } })
const userCountQuery = queryFor(users.list, { search: { limit: 1 } })
const brokerQuery = queryFor(broker.view, {})

export async function load({ context: { client, session } }: Loading): Promise<void> {
  await Promise.all([
    mayIn(session, authorities.list) && client.ensureQueryData(authorityCountQuery),
    mayIn(session, users.list) && client.ensureQueryData(userCountQuery),
    mayIn(session, broker.view) && client.ensureQueryData(brokerQuery),
  ])
}

interface Step {
  reads: Route
  to: string
  title: string
  sentence: string
  Figure: () => ReactNode
}

const steps: readonly Step[] = [
  {
    reads: authorities.list,
    to: '/authorities',
    title: 'Add an authority',
    sentence:
      'Upload the CA certificate that signs your machines’ certificates. Nobody gets in with a certificate before that.',
    Figure: AuthorityFigure,
  },
  {
    reads: users.list,
    to: '/users',
    title: 'Add a machine',
    sentence:
      'A user whose username is the certificate’s Common Name, with the grant Certificate and a role for its topics.',
    Figure: UserFigure,
  },
  {
    reads: broker.connections,
    to: '/broker/connections',
    title: 'Connect',
    sentence: 'Point the machine at the broker. Whoever is refused appears under Decisions, with the reason.',
    Figure: BrokerFigure,
  },
]

export function OverviewPage() {
  const { can, user } = useSession()
  const visible = steps.filter((step) => can(step.reads))
  return (
    <>
      <PageHeader title="Overview" description={`Signed in as ${user.displayName ?? user.username}.`} />
      {visible.length === 0 && <p className={classes['none']}>What your roles let you use is in the navigation.</p>}
      <ol className={classes['steps']}>
        {visible.map((step) => (
          <li key={step.to}>
            <Link to={step.to as NonNullable<LinkProps['to']>} className={classes['title']}>
              {step.title}
            </Link>
            <p>{step.sentence}</p>
            <step.Figure />
          </li>
        ))}
      </ol>
    </>
  )
}

function AuthorityFigure() {
  const { total } = useSuspenseQuery(authorityCountQuery).data
  return <Figure count={total} one="authority in the trust store" many="authorities in the trust store" />
}

function UserFigure() {
  const { total } = useSuspenseQuery(userCountQuery).data
  return <Figure count={total} one="user" many="users" />
}

function BrokerFigure() {
  const { can } = useSession()
  return can(broker.view) && <ConnectionFigure />
}

function ConnectionFigure() {
  const { running, listeners, connections } = useSuspenseQuery(brokerQuery).data
  if (!running) return <span className={classes['figure']}>The broker is not running.</span>
  return (
    <>
      <Figure count={connections} one="live connection" many="live connections" />
      <ul className={classes['listeners']}>
        {listeners.map(({ name, address, port }) => (
          <li key={name}>{`${name}://${address}:${port}`}</li>
        ))}
      </ul>
    </>
  )
}

function Figure({ count, one, many }: { count: number | null; one: string; many: string }) {
  return (
    <span className={classes['figure']}>
      <strong>{count === null ? '–' : count.toLocaleString('en')}</strong> {count === 1 ? one : many}
    </span>
  )
}
