/** What flows on the broker, live: the topics that match a filter as a tree, the last message of one, and publishing. */

import { may, type Permission } from '@gatehouse/contract/access/permission'
import { isTopicFilter } from '@gatehouse/contract/access/topic'
import { topics } from '@gatehouse/contract/brokers/topics'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { IconSend } from '@tabler/icons-react'
import { getRouteApi } from '@tanstack/react-router'
import { lazy, useMemo, useState } from 'react'
import { useSession } from '../../api/session.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { describeField } from '../../ui/field-words.ts'
import { Filters, TextFilter } from '../../ui/filters.tsx'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { LateDialog } from '../../ui/late-dialog.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { Problem } from '../../ui/problem.tsx'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import shared from '../broker.module.css'
import { PauseButton } from '../pause-button.tsx'
import { type LiveView, useLiveTopics } from './live-topics.ts'
import { TopicMessageView } from './topic-message.tsx'
import { treeOf } from './topic-state.ts'
import { TopicTree } from './topic-tree.tsx'
import classes from './topics.module.css'

/** Loaded when it is opened. */
const PublishDialog = lazy(() =>
  import('./publish-dialog.tsx').then(({ PublishDialog: dialog }) => ({ default: dialog })),
)

/** The topics come as events. */
export async function load(): Promise<void> {}

const page = getRouteApi('/broker/topics')

export function TopicsPage() {
  const search = page.useSearch()
  const [isPaused, setPaused] = useState(false)
  const [isPublishing, setPublishing] = useState(false)
  const { permissions, whyNot } = useSession()
  const filter = search.filter ?? widestFilter(permissions)
  return (
    <>
      <PageHeader
        title={t`Topics`}
        description={t`Messages on the broker as they are published, within your own MQTT permissions.`}
        help={() => import('./help.ts').then(({ topicsHelp }) => topicsHelp)}
        actions={
          <>
            <PauseButton isPaused={isPaused} onChange={setPaused} />
            <GuardedButton
              leftSection={<IconSend size={16} aria-hidden />}
              whyNot={whyNot(topics.publish)}
              onClick={() => setPublishing(true)}
            >
              <Trans>Publish…</Trans>
            </GuardedButton>
          </>
        }
      />
      {filter === undefined ? (
        <EmptyState title={t`You may read no topics`}>
          <Trans>This page shows the topics that you have an MQTT permission for. Your roles give you none.</Trans>
        </EmptyState>
      ) : (
        <Live key={filter} filter={filter} selected={search.topic} isPaused={isPaused} />
      )}
      {isPublishing && (
        <LateDialog onClose={() => setPublishing(false)}>
          <PublishDialog topic={search.topic ?? ''} onClose={() => setPublishing(false)} />
        </LateDialog>
      )}
    </>
  )
}

/** What the view begins with: everything, or the first filter that the person may read. */
function widestFilter(permissions: readonly Permission[]): string | undefined {
  if (may(permissions, 'mqtt', 'read', '#')) return '#'
  return permissions.find(({ context, operation }) => context === 'mqtt' && operation !== 'write')?.resource
}

function wrongWith(typed: string): string | undefined {
  return isTopicFilter(typed) ? undefined : describeField('topic_filter')
}

interface LiveProps {
  filter: string
  selected: string | undefined
  isPaused: boolean
}

function Live({ filter, selected, isPaused }: LiveProps) {
  const view = useLiveTopics(filter, isPaused)
  const nodes = useMemo(() => treeOf(view.topics), [view.topics])
  const go = useNavigateTo()
  return (
    <>
      <Filters total={view.topics.size} of={(count) => plural(count, { one: '# topic', other: '# topics' })}>
        <TextFilter name="filter" label={t`Topic filter`} placeholder={filter} isMachine check={wrongWith} />
      </Filters>
      <Problem error={view.problem} />
      <Notes view={view} />
      <div className={classes['columns']}>
        {nodes.length > 0 ? (
          <TopicTree
            nodes={nodes}
            selected={selected}
            onSelect={(topic) => go(withSearch({ topic }), { replace: true })}
          />
        ) : (
          view.problem === undefined && <Waiting isOpen={view.at > 0} filter={filter} />
        )}
        {selected !== undefined && (
          <TopicMessageView
            key={selected}
            topic={selected}
            live={view.topics.get(selected)}
            isPaused={isPaused}
            onClose={() => go(withSearch({ topic: undefined }), { replace: true })}
          />
        )}
      </div>
    </>
  )
}

function Notes({ view: { isMore, isInterrupted } }: { view: LiveView }) {
  return (
    <>
      {isInterrupted && (
        <output className={shared['stale']}>
          <Trans>The connection was lost. Trying again…</Trans>
        </output>
      )}
      {isMore && (
        <p className={classes['note']}>
          <Trans>There are more topics than the page shows. Use a narrower filter.</Trans>
        </p>
      )}
    </>
  )
}

function Waiting({ isOpen, filter }: { isOpen: boolean; filter: string }) {
  if (!isOpen) return <p className={classes['note']}>{t`Connecting…`}</p>
  return (
    <EmptyState title={t`No messages yet`}>
      <Trans>
        Topics that match {filter} appear here when a message is published. Retained messages appear at once. The
        broker’s own figures need the filter $SYS/#.
      </Trans>
    </EmptyState>
  )
}
