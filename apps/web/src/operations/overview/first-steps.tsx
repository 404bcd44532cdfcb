/** What a fresh installation needs, in this order; each step says what there is of it already. */

import { broker } from '@gatehouse/contract/brokers/broker'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { users } from '@gatehouse/contract/identity/users'
import type { Overview } from '@gatehouse/contract/operations/overview'
import type { Route } from '@gatehouse/contract/route'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Link, type LinkProps } from '@tanstack/react-router'
import { useSession } from '../../api/session.ts'
import { toAuthorityUpload, toNewUser } from '../../links.ts'
import { StatusBadge } from '../../ui/badges.tsx'
import classes from './overview.module.css'

interface Step {
  /** Shown to whoever may take it. */
  takes: Route
  link: LinkProps
  title: string
  sentence: string
  /** Null where it cannot be seen. */
  isDone(overview: Overview): boolean | null
}

const steps: readonly Step[] = [
  {
    takes: authorities.create,
    link: toAuthorityUpload(),
    title: t`Add a CA`,
    sentence: t`Upload the CA certificate that signs your machines’ certificates. Until then, no machine can sign in with a certificate.`,
    // The built-in one is always there.
    isDone: ({ authorities: known }) => known && known.total > 1,
  },
  {
    takes: users.create,
    link: toNewUser(),
    title: t`Add a machine`,
    sentence: t`A user whose username is the certificate’s Common Name, with Certificate enabled and a role for its topics.`,
    isDone: ({ users: known }) => known && known.total > 1,
  },
  {
    takes: broker.connections,
    link: { to: '/broker/connections' },
    title: t`Connect`,
    sentence: t`Configure the machine to use this broker. If the broker refuses it, Decisions shows the reason.`,
    isDone: ({ broker: known }) => known && (known.connections ?? 0) > 0,
  },
]

/** Before there is an authority and a machine, the way to them is what the page is for. */
export function isAtTheBeginning(overview: Overview): boolean {
  return steps.slice(0, 2).some(({ isDone }) => isDone(overview) === false)
}

export function FirstSteps({ overview }: { overview: Overview }) {
  const { can } = useSession()
  const visible = steps.filter(({ takes }) => can(takes))
  if (visible.length === 0) return null
  return (
    <section className={classes['section']} aria-labelledby="first-steps">
      <h2 id="first-steps">
        <Trans>First steps</Trans>
      </h2>
      <ol className={classes['steps']}>
        {visible.map(({ title, sentence, link, isDone }) => (
          <li key={title}>
            <Link {...link}>{title}</Link>{' '}
            {isDone(overview) && (
              <StatusBadge status="valid">
                <Trans>done</Trans>
              </StatusBadge>
            )}
            <p>{sentence}</p>
          </li>
        ))}
      </ol>
    </section>
  )
}
