/** The decisions of the last days: filtered, paged, and as a file. Equal ones within an hour are one entry. */

import { refusalReasons } from '@gatehouse/contract/brokers/broker'
import { decisions } from '@gatehouse/contract/brokers/decisions'
import { addressOf } from '@gatehouse/contract/client'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { outcomeWords, reasonWords } from '../../access/decision/refusal-words.ts'
import { queryFor } from '../../api/queries.ts'
import type { Loading } from '../../api/session.ts'
import { formatNumber } from '../../messages/format.ts'
import { ActiveFilter } from '../../ui/active-filter.tsx'
import { Machine } from '../../ui/badges.tsx'
import { EmptyState, NothingFound } from '../../ui/empty-state.tsx'
import { ChoiceFilter, Choices, Filters, SearchFilter } from '../../ui/filters.tsx'
import { ListDownload } from '../../ui/list-download.tsx'
import { ListOptions } from '../../ui/list-options.tsx'
import { useListView } from '../../ui/list-view.ts'
import { PageHeader } from '../../ui/page-header.tsx'
import { Paging } from '../../ui/paging.tsx'
import { Timestamp } from '../../ui/relative-time.tsx'
import { TimeRange } from '../../ui/time-range.tsx'
import classes from '../broker.module.css'
import { ListenerFilter } from '../listeners/listener-filter.tsx'
import type { HistorySearch } from '../search.ts'
import { DecisionLine } from './decision-line.tsx'
import { DecisionViews } from './decision-views.tsx'

function historyQuery({ cursor, ...search }: HistorySearch) {
  return queryFor(decisions.list, { search: { ...filtersOf(search), cursor } })
}

/** The same for the list and for a file of it. */
function filtersOf({ search, outcome, reason, listener, user, address, from, until }: Omit<HistorySearch, 'cursor'>) {
  return {
    search,
    'outcome[eq]': outcome,
    'reason[eq]': reason,
    'listener[eq]': listener,
    'username[eq]': user,
    'address[eq]': address,
    'at[gte]': from,
    'at[lt]': until,
  } as const
}

export async function load({ context: { client }, deps }: Loading<HistorySearch>): Promise<void> {
  await client.ensureQueryData(historyQuery(deps))
}

const outcomes = Object.entries(outcomeWords).map(([value, label]) => ({ value, label }))
const reasons = refusalReasons.map((value) => ({ value, label: reasonWords[value].sentence }))

const page = getRouteApi('/broker/decisions/history')

export function HistoryPage() {
  const search = page.useSearch()
  const view = useListView('decision-history')
  const { data } = useSuspenseQuery(historyQuery(search))
  const { cursor: _cursor, ...filters } = search
  return (
    <>
      <PageHeader
        help={() => import('./help.ts').then(({ decisionsHelp }) => decisionsHelp)}
        title={t`Decisions`}
        description={t`Clients that the broker admitted, refused or disconnected in the last days, and why. Equal decisions within an hour are one entry.`}
        actions={
          <ListDownload
            formats={decisions.list.exports}
            addressOf={(format) => addressOf(decisions.list, { search: { ...filtersOf(filters), format } })}
          />
        }
      />
      <DecisionViews />
      <Filters total={data.total} of={(count) => plural(count, { one: '# entry', other: '# entries' })}>
        <SearchFilter label={t`Search username, client id, topic, address`} />
        <Choices>
          <ChoiceFilter name="outcome" label={t`Outcome`} options={outcomes} />
          <ChoiceFilter name="reason" label={t`Reason`} options={reasons} />
          <ListenerFilter />
        </Choices>
        <ListOptions view={view} />
      </Filters>
      <TimeRange />
      {search.user !== undefined && (
        <ActiveFilter parameter="user" clear={t`Show all users`}>
          <Trans>
            Only decisions about <Machine>{search.user}</Machine>
          </Trans>
        </ActiveFilter>
      )}
      {search.address !== undefined && (
        <ActiveFilter parameter="address" clear={t`Show all addresses`}>
          <Trans>
            Only from <Machine>{search.address}</Machine>
          </Trans>
        </ActiveFilter>
      )}
      <Gaps leftOut={data.leftOut} keptSince={data.keptSince} />
      {data.items.length === 0 ? (
        <Nothing isFiltered={Object.values(filters).some(Boolean)} />
      ) : (
        <ol className={classes['decisions']} aria-label={t`Decisions`}>
          {data.items.map(({ lastAt, ...decision }) => (
            <DecisionLine key={decision.id} decision={{ ...decision, at: lastAt }} />
          ))}
        </ol>
      )}
      <Paging nextCursor={data.nextCursor} />
    </>
  )
}

/** What the list does not have. */
function Gaps({ leftOut, keptSince }: { leftOut: number; keptSince: string | null }) {
  return (
    <>
      {leftOut > 0 && (
        <output className={classes['stale']}>
          <Trans>
            {formatNumber(leftOut)} more decisions of this time were not stored, because too many came at once.
          </Trans>
        </output>
      )}
      {keptSince !== null && (
        <p className={classes['kept']}>
          <Trans>
            Stored since <Timestamp at={keptSince} />.
          </Trans>
        </p>
      )}
    </>
  )
}

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) return <NothingFound />
  return (
    <EmptyState title={t`No decisions recorded yet`}>
      <Trans>
        Decisions appear here a few seconds after the broker admits, refuses or disconnects a client, and are kept for
        days.
      </Trans>
    </EmptyState>
  )
}
