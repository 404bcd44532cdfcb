/** The first page: what to do first, what needs attention now, and what happened lately. */

import { broker } from '@gatehouse/contract/brokers/broker'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import type { Overview } from '@gatehouse/contract/operations/overview'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { type Loading, mayIn, useSession } from '../../api/session.ts'
import { useNow } from '../../ui/clock.ts'
import { PageHeader } from '../../ui/page-header.tsx'
import { Section } from '../../ui/section.tsx'
import { type Attention, attentionOf } from './attention.ts'
import { Figures, LastSignIns } from './figures.tsx'
import classes from './overview.module.css'
import { activityQuery, expiriesQuery, newestDeviceQuery, type OverviewSearch, overviewQuery } from './search.ts'

/** Drawn when the rest of the page is there: what draws is larger than all of it. */
const ActivityCharts = lazy(() =>
  import('./activity-charts.tsx').then(({ ActivityCharts: charts }) => ({ default: charts })),
)

const FirstSteps = lazy(() => import('./first-steps.tsx').then(({ FirstSteps: section }) => ({ default: section })))

const ExpiresNext = lazy(() =>
  import('../../certificates/expiry/expires-next.tsx').then(({ ExpiresNext: section }) => ({ default: section })),
)

export async function load({ context: { client, session }, deps }: Loading<OverviewSearch>): Promise<void> {
  const [found] = await Promise.all([
    client.ensureQueryData(overviewQuery),
    client.ensureQueryData(expiriesQuery),
    client.ensureQueryData(activityQuery(deps)),
  ])
  if (isSmall(found) && mayIn(session, users.list)) await client.fetchQuery({ ...newestDeviceQuery, staleTime: 0 })
}

const page = getRouteApi('/')

export function OverviewPage() {
  const { can, user } = useSession()
  const { range = 'day' } = page.useSearch()
  const { data } = useSuspenseQuery(overviewQuery)
  const { data: expiries } = useSuspenseQuery(expiriesQuery)
  const attention = attentionOf(data, useNow())
  const seesNothing = expiries.next.length === 0 && Object.values(data).every((part) => part === null)
  const isNew = useIsNew(data)
  const hasCharts = !isNew && (can(broker.view) || can(broker.decisions) || can(audit.list))
  return (
    <>
      <PageHeader
        title={t`Overview`}
        description={t`Signed in as ${user.displayName ?? user.username}.`}
        help={() => import('./help.ts').then(({ overviewHelp }) => overviewHelp)}
      />
      {seesNothing && (
        <p className={classes['none']}>
          <Trans>You have no console permissions. Contact an administrator.</Trans>
        </p>
      )}
      {!seesNothing && (
        <div className={classes['columns']}>
          <div>
            {isNew && (
              <Suspense fallback={<div className={classes['stepsToCome']} />}>
                <FirstSteps />
              </Suspense>
            )}
            {(!isNew || attention.length > 0) && <NeedsAttention items={attention} />}
            {!isNew && expiries.next.length > 0 && (
              <Section title={t`Next expiries`}>
                <Suspense fallback={<div className={classes['expiriesToCome']} />}>
                  <ExpiresNext of={expiries} />
                </Suspense>
              </Section>
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

/** With more users than these, the installation is in use. */
const mostAtFirst = 3

function isSmall({ users: known, broker: live }: Overview): boolean {
  return known !== null && known.total <= mostAtFirst && live !== null
}

/** Until the first device has connected, the way to that is what the page is for. It stays while the person looks at it. */
function useIsNew(overview: Overview): boolean {
  const { can } = useSession()
  const { data } = useQuery({ ...newestDeviceQuery, enabled: isSmall(overview) && can(users.list) })
  const device = data?.items[0]
  const isNow = isSmall(overview) && (device ? device.lastSignInAt === null : overview.users?.total === 1)
  const [wasNew, setWasNew] = useState(false)
  if (isNow && !wasNew) setWasNew(true)
  return wasNew
}

function NeedsAttention({ items }: { items: readonly Attention[] }) {
  return (
    <Section title={t`Needs attention`}>
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
    </Section>
  )
}
