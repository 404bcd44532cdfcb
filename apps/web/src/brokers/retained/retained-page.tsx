/** The retained messages: found by topic filter, looked at, deleted. */

import { isTopicFilter } from '@gatehouse/contract/access/topic'
import { type RetainedMessage, retained } from '@gatehouse/contract/brokers/retained'
import { topics } from '@gatehouse/contract/brokers/topics'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { lazy } from 'react'
import { queryFor } from '../../api/queries.ts'
import { type Loading, useSession } from '../../api/session.ts'
import { toTopic } from '../../links.ts'
import { formatBytes, formatNumber } from '../../messages/format.ts'
import { Machine } from '../../ui/badges.tsx'
import type { Column } from '../../ui/column.ts'
import { DataTable } from '../../ui/data-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { describeField } from '../../ui/field-words.ts'
import { Filters, TextFilter } from '../../ui/filters.tsx'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { LateDialog } from '../../ui/late-dialog.tsx'
import { ListOptions } from '../../ui/list-options.tsx'
import { useListView } from '../../ui/list-view.ts'
import { PageHeader } from '../../ui/page-header.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { type Selection, useSelection } from '../../ui/selection.ts'
import { SelectionBar } from '../../ui/selection-bar.tsx'
import classes from '../broker.module.css'
import type { RetainedSearch } from '../search.ts'
import { useClearRetained } from './clear-retained.ts'

function retainedQuery({ filter = '#' }: RetainedSearch) {
  return queryFor(retained.list, { search: { filter } })
}

/** Loaded when it is opened. */
const RetainedMessageDialog = lazy(() =>
  import('./retained-message-dialog.tsx').then(({ RetainedMessageDialog: dialog }) => ({ default: dialog })),
)

export async function load({ context: { client }, deps }: Loading<RetainedSearch>): Promise<void> {
  await client.ensureQueryData(retainedQuery(deps))
}

const columns: readonly Column<RetainedMessage>[] = [
  { id: 'topic', header: t`Topic`, cell: ({ topic }) => <Machine>{topic}</Machine> },
  { id: 'size', header: t`Size`, align: 'end', width: '10%', cell: ({ bytes }) => formatBytes(bytes) },
  {
    id: 'published',
    header: t`Published`,
    width: '15%',
    cell: ({ publishedAt }) => <When at={publishedAt} none={t`Unknown`} />,
  },
  { id: 'publisher', header: t`Publisher`, width: '16%', cell: ({ username }) => <Publisher username={username} /> },
  { id: 'expires', header: t`Expires`, width: '13%', cell: ({ expiresAt }) => <When at={expiresAt} none={t`Never`} /> },
]

const page = getRouteApi('/broker/retained')
const everyMs = 5_000

export function RetainedPage() {
  const search = page.useSearch()
  const view = useListView('retained')
  const { data } = useSuspenseQuery({ ...retainedQuery(search), refetchInterval: everyMs })
  const { can, whyNot } = useSession()
  const selection = useSelection({ rows: data.items, keyOf: ({ topic }) => topic, filters: search.filter ?? '' })
  const clear = useClearRetained()
  const go = useNavigateTo()
  const close = () => go(withSearch({ topic: undefined }))
  const { messages: messageCount } = data
  const messages = plural(messageCount, { one: '# message', other: '# messages' })
  const bytes = formatBytes(data.bytesInAll)
  const shown = formatNumber(data.items.length)
  return (
    <>
      <PageHeader
        title={t`Retained messages`}
        description={t`The broker keeps the last retained message of each topic for new subscribers: ${messages}, ${bytes} of memory.`}
        help={() => import('./help.ts').then(({ retainedHelp }) => retainedHelp)}
      />
      <Filters
        total={data.isMore ? null : data.items.length}
        of={(count) => plural(count, { one: '# message', other: '# messages' })}
        uncounted={t`More than ${shown}`}
      >
        <TextFilter name="filter" label={t`Topic filter`} placeholder="line-3/#" isMachine check={wrongWith} />
        <ClearMatching search={search} isNone={data.items.length === 0} />
        <ListOptions view={view} columns={columns} />
      </Filters>
      <ClearSelected selection={selection} count={data.items.length} />
      <DataTable
        view={view}
        label={t`Retained messages`}
        page={data}
        columns={columns}
        keyOf={({ topic }) => topic}
        nameOf={({ topic }) => topic}
        {...(can(retained.view) && { linkOf: ({ topic }: RetainedMessage) => withSearch({ topic }) })}
        {...(can(retained.clear) && { selection })}
        actionsOf={(message) => [
          ...(can(topics.watch) ? [{ label: t`View in Topics`, link: toTopic(message.topic) }] : []),
          {
            label: t`Delete…`,
            dangerous: true,
            onSelect: () => void clear.messages([message]),
            whyNot: whyNot(retained.clear),
          },
        ]}
        isFiltered={search.filter !== undefined}
        empty={
          <EmptyState title={t`No retained messages`}>
            <Trans>A client publishes one with the RETAIN flag.</Trans>
          </EmptyState>
        }
      />
      {search.topic !== undefined && (
        <LateDialog onClose={close}>
          <RetainedMessageDialog topic={search.topic} onClose={close} />
        </LateDialog>
      )}
      {data.isMore && (
        <p className={classes['more']}>
          <Trans>Showing {shown}. Use a narrower filter for others.</Trans>
        </p>
      )}
    </>
  )
}

function wrongWith(typed: string): string | undefined {
  return isTopicFilter(typed) ? undefined : describeField('topic_filter')
}

function ClearMatching({ search: { filter }, isNone }: { search: RetainedSearch; isNone: boolean }) {
  const { whyNot } = useSession()
  const clear = useClearRetained()
  if (filter === undefined || isNone) return null
  return (
    <GuardedButton variant="default" whyNot={whyNot(retained.clear)} onClick={() => void clear.matching(filter)}>
      <Trans>Delete all that match…</Trans>
    </GuardedButton>
  )
}

function ClearSelected({ selection, count }: { selection: Selection<RetainedMessage>; count: number }) {
  const { whyNot } = useSession()
  const clear = useClearRetained()
  return (
    <SelectionBar selection={selection} count={count}>
      <GuardedButton
        size="xs"
        variant="default"
        c="var(--refused)"
        whyNot={whyNot(retained.clear)}
        onClick={() => void clear.messages(selection.selected)}
      >
        <Trans>Delete…</Trans>
      </GuardedButton>
    </SelectionBar>
  )
}

function When({ at, none }: { at: string | null; none: string }) {
  return at === null ? none : <RelativeTime at={at} />
}

function Publisher({ username }: Pick<RetainedMessage, 'username'>) {
  return username === null ? t`A deleted user` : <Machine>{username}</Machine>
}
