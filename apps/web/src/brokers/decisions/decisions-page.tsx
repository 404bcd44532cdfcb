/** The latest admissions and refusals of the broker, live, with their reasons. */

import { broker } from '@gatehouse/contract/brokers/broker'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { outcomeWords } from '../../access/decision/refusal-words.ts'
import { type Loading, mayIn, useSession } from '../../api/session.ts'
import { formatNumber } from '../../messages/format.ts'
import { ActiveFilter } from '../../ui/active-filter.tsx'
import { EmptyState, NothingFound } from '../../ui/empty-state.tsx'
import { ChoiceFilter, Filters, SearchFilter } from '../../ui/filters.tsx'
import { ListOptions } from '../../ui/list-options.tsx'
import { useListView } from '../../ui/list-view.ts'
import { PageHeader } from '../../ui/page-header.tsx'
import { Timestamp } from '../../ui/relative-time.tsx'
import classes from '../broker.module.css'
import { brokerQuery, Listeners, Stale } from '../connections/live-state.tsx'
import { ListenerFilter } from '../listeners/listener-filter.tsx'
import { PauseButton } from '../pause-button.tsx'
import type { DecisionsSearch } from '../search.ts'
import { DecisionLine } from './decision-line.tsx'
import { DecisionViews } from './decision-views.tsx'
import { decisionsQuery } from './live-decisions.ts'

export async function load({ context: { client, session }, deps }: Loading<DecisionsSearch>): Promise<void> {
  await Promise.all([
    client.ensureQueryData(decisionsQuery(deps)),
    mayIn(session, broker.view) && client.ensureQueryData(brokerQuery),
  ])
}

const outcomes = Object.entries(outcomeWords).map(([value, label]) => ({ value, label }))

const page = getRouteApi('/broker/decisions')
const everyMs = 2_000
const shownAtFirst = 200

export function DecisionsPage() {
  const search = page.useSearch()
  const view = useListView('decision')
  const [isPaused, setPaused] = useState(false)
  const [isWhole, setWhole] = useState(false)
  const { can } = useSession()
  const { data, error, dataUpdatedAt } = useSuspenseQuery({
    ...decisionsQuery(search),
    refetchInterval: isPaused ? false : everyMs,
    refetchOnWindowFocus: !isPaused,
    refetchOnReconnect: !isPaused,
  })
  const shown = isWhole ? data : data.slice(0, shownAtFirst)
  return (
    <>
      <PageHeader
        help={() => import('./help.ts').then(({ decisionsHelp }) => decisionsHelp)}
        title={t`Decisions`}
        description={t`Clients that the broker admitted, refused or disconnected, and why. Latest 1,000, as they happen.`}
        actions={<PauseButton isPaused={isPaused} onChange={setPaused} />}
      />
      <DecisionViews />
      {can(broker.view) && <Listeners />}
      <Filters total={data.length} of={(count) => plural(count, { one: '# decision', other: '# decisions' })}>
        <SearchFilter label={t`Search decisions`} />
        <ChoiceFilter name="outcome" label={t`Outcome`} options={outcomes} />
        <ListenerFilter />
        <ListOptions view={view} />
      </Filters>
      {search.from !== undefined && (
        <ActiveFilter parameter="from" clear={t`Show all`}>
          <Trans>
            Only since <Timestamp at={search.from} />
          </Trans>
        </ActiveFilter>
      )}
      {isPaused && (
        <output className={classes['stale']}>
          <Trans>Paused. New decisions appear when you resume.</Trans>
        </output>
      )}
      <Stale error={error} updatedAt={dataUpdatedAt} />
      {data.length === 0 ? (
        <Nothing isFiltered={Boolean(search.search || search.outcome || search.listener || search.from)} />
      ) : (
        <ol className={classes['decisions']} aria-label={t`Decisions`}>
          {shown.map((decision) => (
            <DecisionLine key={decision.id} decision={decision} />
          ))}
        </ol>
      )}
      {shown.length < data.length && (
        <Button variant="subtle" mt={8} onClick={() => setWhole(true)}>
          <Trans>Show {formatNumber(data.length - shown.length)} older</Trans>
        </Button>
      )}
    </>
  )
}

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) return <NothingFound />
  return (
    <EmptyState title={t`No decisions yet`}>
      <Trans>
        Each client that the broker admits, refuses or disconnects appears here at once, with its address, its
        certificate and, for a refusal, the reason and a remedy. Connect a client to see it.
      </Trans>
    </EmptyState>
  )
}
