/** What the broker decided about one user: the latest, at once, and the history of days. */

import { decisions as kept } from '@gatehouse/contract/brokers/decisions'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { queryFor } from '../../api/queries.ts'
import { toDecisionHistory, toDecisionsOn } from '../../links.ts'
import { Section } from '../../ui/section.tsx'
import classes from '../broker.module.css'
import { type ConnectedUser, isOf } from '../connections/user-connections.tsx'
import { DecisionLine } from './decision-line.tsx'
import { decisionsQuery } from './live-decisions.ts'

const everyMs = 5_000

/** The search finds parts of names and topics too: use `isOf` on what it answers. */
export function decisionsOf({ username }: ConnectedUser) {
  return { ...decisionsQuery({ search: username }), refetchInterval: everyMs }
}

const few = 3

export function LatestDecisions({ user }: { user: ConnectedUser }) {
  const { data } = useSuspenseQuery(decisionsOf(user))
  const decisions = data.filter(isOf(user))
  return (
    <Section
      title={t`Latest decisions`}
      actions={
        decisions.length > 0 && (
          <Link {...toDecisionsOn(user.username)}>
            <Trans>View in Decisions</Trans>
          </Link>
        )
      }
      empty={decisions.length === 0 && t`The broker has not admitted or refused it lately.`}
    >
      <ol className={classes['decisions']} aria-label={t`Latest decisions`}>
        {decisions.slice(0, few).map((decision) => (
          <DecisionLine key={decision.id} decision={decision} />
        ))}
      </ol>
    </Section>
  )
}

export function KeptDecisions({ user: { username } }: { user: ConnectedUser }) {
  const search = { 'username[eq]': username }
  const { data } = useSuspenseQuery({ ...queryFor(kept.list, { search }), refetchInterval: everyMs })
  return (
    <Section
      title={t`Decisions of the last days`}
      actions={
        data.items.length > 0 && (
          <Link {...toDecisionHistory(username)}>
            <Trans>View in the history</Trans>
          </Link>
        )
      }
      empty={data.items.length === 0 && t`The broker has not admitted or refused it in the last days.`}
    >
      <ol className={classes['decisions']} aria-label={t`Decisions of the last days`}>
        {data.items.map(({ lastAt, ...decision }) => (
          <DecisionLine key={decision.id} decision={{ ...decision, at: lastAt }} />
        ))}
      </ol>
    </Section>
  )
}
