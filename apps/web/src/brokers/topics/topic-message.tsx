/** The last message of one topic. */

import { may } from '@gatehouse/contract/access/permission'
import { retained } from '@gatehouse/contract/brokers/retained'
import { topics } from '@gatehouse/contract/brokers/topics'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { isRefusal } from '../../api/client.ts'
import { queryFor, useChange } from '../../api/queries.ts'
import { useSession } from '../../api/session.ts'
import { toRetained } from '../../links.ts'
import { formatNumber } from '../../messages/format.ts'
import { confirm } from '../../ui/confirm.tsx'
import { saveBytes } from '../../ui/download.ts'
import { Fact, Facts } from '../../ui/facts.tsx'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { Problem } from '../../ui/problem.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { toast } from '../../ui/toast.tsx'
import broker from '../broker.module.css'
import { toBytes } from '../payload/payload-forms.ts'
import { PayloadView } from '../payload/payload-view.tsx'
import type { LiveTopic } from './topic-state.ts'
import classes from './topics.module.css'

interface TopicMessageProps {
  topic: string
  live: LiveTopic | undefined
  isPaused: boolean
  onClose: () => void
}

const everyMs = 1_000

export function TopicMessageView({ topic, live, isPaused, onClose }: TopicMessageProps) {
  const [isWhole, setWhole] = useState(false)
  const search = isWhole ? ({ topic, whole: 'true' } as const) : { topic }
  const { data, error } = useQuery({
    ...queryFor(topics.view, { search }),
    placeholderData: keepPreviousData,
    // A whole payload may be large: it is not read again and again.
    refetchInterval: isWhole || isPaused ? false : everyMs,
    retry: false,
  })
  const isGone = isRefusal(error, 'not_found')
  const close = (
    <Button variant="subtle" onClick={onClose}>
      <Trans>Close</Trans>
    </Button>
  )
  return (
    <section className={classes['message']} aria-label={t`Last message`}>
      <h2>{topic}</h2>
      {isGone ? (
        <p className={classes['note']}>
          <Trans>No message of this topic is known. The next one appears here.</Trans>
        </p>
      ) : (
        <Problem error={error} />
      )}
      {data && !isGone ? (
        <>
          <Facts>
            <Fact label={t`Received`}>{data.at === null ? t`Before this view` : <RelativeTime at={data.at} />}</Fact>
            <Fact label={t`QoS`}>{String(data.qos)}</Fact>
            <Fact label={t`Messages`}>{live && formatNumber(live.messages)}</Fact>
            <Fact label={t`Retained`}>{data.retained ? <Retained topic={topic} /> : t`No`}</Fact>
          </Facts>
          <PayloadView payload={data.payload} />
          <div className={classes['actions']}>
            {data.retained && toBytes(data.payload.base64).length < data.payload.bytes && (
              <Button variant="default" onClick={() => setWhole(true)}>
                <Trans>Show all of the retained message</Trans>
              </Button>
            )}
            <Button variant="default" onClick={() => saveBytes(bytesOf(data.payload), binary, fileNameOf(topic))}>
              <Trans>Download</Trans>
            </Button>
            {data.retained && <Clear topic={topic} />}
            {close}
          </div>
        </>
      ) : (
        <div className={classes['actions']}>{close}</div>
      )}
    </section>
  )
}

function Retained({ topic }: { topic: string }) {
  const { can } = useSession()
  if (!can(retained.view)) return t`Yes`
  return (
    <Link {...toRetained(topic)} className={broker['link']}>
      <Trans>View in Retained messages</Trans>
    </Link>
  )
}

/** Never a type that a browser would run. */
const binary = 'application/octet-stream'

function bytesOf({ base64 }: { base64: string }): Uint8Array<ArrayBuffer> {
  return new Uint8Array(toBytes(base64))
}

function fileNameOf(topic: string): string {
  const last = topic.split('/').findLast((level) => level !== '') ?? 'message'
  return `${last.replace(/[^\w.-]/g, '_').slice(0, 60)}.bin`
}

function Clear({ topic }: { topic: string }) {
  const { permissions, whyNot } = useSession()
  const { mutateAsync } = useChange(topics.clear)
  const mayWrite = may(permissions, 'mqtt', 'write', topic)
  const reason =
    whyNot(topics.clear) ?? (mayWrite ? undefined : t`You need the MQTT permission to publish to this topic.`)
  const clear = () =>
    confirm({
      title: t`Delete the retained message of ${topic}?`,
      message: t`New subscribers do not receive a message until one is published again. This cannot be undone.`,
      action: t`Delete`,
      run: async () => {
        await mutateAsync({ search: { topic } })
        toast({ message: t`The retained message was deleted.` })
      },
    })
  return (
    <GuardedButton variant="default" whyNot={reason} onClick={() => void clear()}>
      <Trans>Delete retained message…</Trans>
    </GuardedButton>
  )
}
