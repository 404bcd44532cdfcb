/** The first page: what to do first, what needs attention now, and what happened lately. */

import { broker } from '@gatehouse/contract/brokers/broker'
import { audit } from '@gatehouse/contract/operations/audit'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { type Loading, useSession } from '../../api/session.ts'
import { useNow } from '../../ui/clock.ts'
import { PageHeader } from '../../ui/page-header.tsx'
import { type Attention, attentionOf } from './attention.ts'
import { Figures, LastSignIns } from './figures.tsx'
import { FirstSteps, isAtTheBeginning } from './first-steps.tsx'
import classes from './overview.module.css'
import { activityQuery, expiriesQuery, type OverviewSearch, overviewQuery } from './search.ts'

/** Drawn when the rest of the page is there: what draws is larger than all of it. */
const ActivityCharts = lazy(() =>
  import('./activity-charts.tsx').then(({ ActivityCharts: charts }) => ({ default: charts })),
)

const ExpiresNext = lazy(() =>
  import('../../certificates/expiry/expires-next.tsx').then(({ ExpiresNext: section }) => ({ default: section })),
)

export async function load({ context: { client }, deps }: Loading<OverviewSearch>): Promise<void> {
  await Promise.all([
    client.ensureQueryData(overviewQuery),
    client.ensureQueryData(expiriesQuery),
    client.ensureQueryData(activityQuery(deps)),
  ])
}

const page = getRouteApi('/')

export function OverviewPage() {
  const { can, user } = useSession()
  const { range = 'day' } = page.useSearch()
  const { data } = useSuspenseQuery(overviewQuery)
  const { data: expiries } = useSuspenseQuery(expiriesQuery)
  const attention = attentionOf(data, useNow())
  const seesNothing = expiries.next.length === 0 && Object.values(data).every((part) => part === null)
  const isNew = isAtTheBeginning(data)
  const hasCharts = !isNew && (can(broker.view) || can(broker.decisions) || can(audit.list))
  return (
    <>
      <PageHeader title={t`Overview`} description={t`Signed in as ${user.displayName ?? user.username}.`} />
      {seesNothing && (
        <p className={classes['none']}>
          <Trans>You have no console permissions. Contact an administrator.</Trans>
        </p>
      )}
      {!seesNothing && (
        <div className={classes['columns']}>
          <div>
            {isNew && <FirstSteps overview={data} />}
            {(!isNew || attention.length > 0) && <NeedsAttention items={attention} />}
            {!isNew && expiries.next.length > 0 && (
              <section className={classes['section']} aria-labelledby="expires-next">
                <h2 id="expires-next">
                  <Trans>Next expiries</Trans>
                </h2>
                <Suspense fallback={<div className={classes['expiriesToCome']} />}>
                  <ExpiresNext of={expiries} />
                </Suspense>
              </section>
            )}
            {hasCharts && (
              <Suspense fallback={<div className={classes['chartsToCome']} />}>
                <ActivityCharts range={range} />
              </Suspense>
            )}
          </div>
          <div>
            <Figures overview={data} />
            {data.users && <LastSignIns of={data.users.lastSignIns} />}
          </div>
        </div>
      )}
    </>
  )
}

function NeedsAttention({ items }: { items: readonly Attention[] }) {
  return (
    <section className={classes['section']} aria-labelledby="attention">
      <h2 id="attention">
        <Trans>Needs attention</Trans>
      </h2>
      {items.length === 0 ? (
        <p className={classes['well']}>
          <Trans>All clear.</Trans>
        </p>
      ) : (
        <ul className={classes['attention']}>
          {items.map(({ status, count, sentence, link }) => (
            <li key={sentence} data-status={status}>
              {link === null ? (
                <p>{sentence}</p>
              ) : (
                <Link {...link}>
                  {count !== null && <strong>{count}</strong>} {sentence}
                </Link>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
