/** What a connection has carried: as columns of the list, and as a line on the page of a device. */
import type { Connection } from '@gatehouse/contract/brokers/broker'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { formatBytes, formatNumber } from '../../messages/format.ts'
import type { Column } from '../../ui/column.ts'
import { RelativeTime } from '../../ui/relative-time.tsx'
import classes from '../broker.module.css'

export const trafficColumns: readonly Column<Connection>[] = [
  {
    header: t`Messages in`,
    id: 'messages-in',
    align: 'end',
    width: '8%',
    wideOnly: true,
    cell: ({ messagesReceived }) => formatNumber(messagesReceived),
  },
  {
    header: t`Messages out`,
    id: 'messages-out',
    align: 'end',
    width: '8%',
    wideOnly: true,
    cell: ({ messagesSent }) => formatNumber(messagesSent),
  },
  {
    header: t`Bytes in`,
    id: 'bytes-in',
    align: 'end',
    width: '8%',
    wideOnly: true,
    cell: ({ bytesReceived }) => formatBytes(bytesReceived),
  },
  {
    header: t`Bytes out`,
    id: 'bytes-out',
    align: 'end',
    width: '8%',
    wideOnly: true,
    cell: ({ bytesSent }) => formatBytes(bytesSent),
  },
  { header: t`Waiting`, id: 'waiting', align: 'end', width: '8%', cell: ({ queued }) => formatNumber(queued) },
  {
    header: t`Last packet`,
    id: 'last-packet',
    width: '11%',
    cell: ({ lastPacketAt }) => (
      <span className={classes['since']}>
        <RelativeTime at={lastPacketAt} />
      </span>
    ),
  },
]

/** The table has room for the others on a usual screen. */
export const hiddenAtFirst: readonly string[] = ['bytes-in', 'bytes-out', 'waiting', 'last-packet']

export function TrafficLine({ connection }: { connection: Connection }) {
  const { protocol, messagesReceived, messagesSent, bytesReceived, bytesSent, queued, lastPacketAt } = connection
  if (protocol === 'http') return <RequestLine connection={connection} />
  return (
    <div className={classes['circumstances']}>
      <span>
        {plural(messagesReceived, { one: '# message in', other: '# messages in' })} ({formatBytes(bytesReceived)})
      </span>
      <span>
        {plural(messagesSent, { one: '# message out', other: '# messages out' })} ({formatBytes(bytesSent)})
      </span>
      {queued > 0 && <span>{plural(queued, { one: '# message waiting', other: '# messages waiting' })}</span>}
      <span>
        <Trans>
          last packet <RelativeTime at={lastPacketAt} />
        </Trans>
      </span>
    </div>
  )
}

function RequestLine({ connection }: { connection: Connection }) {
  const { messagesReceived: requests, messagesSent: answers, bytesReceived, bytesSent, lastPacketAt } = connection
  return (
    <div className={classes['circumstances']}>
      <span>
        {plural(requests, { one: '# request', other: '# requests' })} ({formatBytes(bytesReceived)})
      </span>
      <span>
        {plural(answers, { one: '# answer', other: '# answers' })} ({formatBytes(bytesSent)})
      </span>
      <span>
        <Trans>
          last request <RelativeTime at={lastPacketAt} />
        </Trans>
      </span>
    </div>
  )
}
