/** The state of the live pages: the listeners of the broker, and whether the page is up to date. */

import { broker, type Listener } from '@gatehouse/contract/brokers/broker'
import { listeners } from '@gatehouse/contract/brokers/listeners'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { queryFor } from '../../api/queries.ts'
import { useSession } from '../../api/session.ts'
import { toListeners } from '../../links.ts'
import { Machine, StatusBadge } from '../../ui/badges.tsx'
import { Timestamp } from '../../ui/relative-time.tsx'
import classes from '../broker.module.css'
import { hostAndPort } from '../listeners/host-and-port.ts'
import { stateErrors } from '../listeners/listener-words.ts'

export const brokerQuery = queryFor(broker.view, {})

const everyMs = 5_000

/** The credentials that a listener demands. */
const clientCertificateWords: Record<Listener['clientCertificate'], string> = {
  required: t`with a certificate only`,
  accepted: t`with a certificate or a password`,
  ignored: t`with a password; certificates are ignored`,
  none: t`with a password, unencrypted`,
}

/** One line with each listener and its state. */
export function Listeners() {
  const {
    running,
    listeners: open,
    failedListeners: failed,
  } = useSuspenseQuery({ ...brokerQuery, refetchInterval: everyMs }).data
  return (
    <ul className={classes['listeners']} aria-label={t`Listeners`}>
      {open.map((listener) => (
        <li key={listener.name}>
          <StatusBadge status={running ? 'valid' : 'refused'}>{running ? t`open` : t`not running`}</StatusBadge>{' '}
          <Name name={listener.name} /> <Machine>{hostAndPort(listener.address, listener.port)}</Machine>{' '}
          {clientCertificateWords[listener.clientCertificate]}
        </li>
      ))}
      {failed.map(({ name, address, port, error }) => (
        <li key={name}>
          <StatusBadge status="refused">{t`not open`}</StatusBadge> <Name name={name} />{' '}
          <Machine>{hostAndPort(address, port)}</Machine> {stateErrors[error]}
        </li>
      ))}
      {open.length + failed.length === 0 && (
        <li>
          <Trans>All listeners are off.</Trans>
        </li>
      )}
    </ul>
  )
}

/** Polling failed: the page stays as it was, and says so. */
export function Stale({ error, updatedAt }: { error: unknown; updatedAt: number }) {
  if (!error) return null
  return (
    <output className={classes['stale']}>
      <Trans>
        The broker is not responding. Last update: <Timestamp at={new Date(updatedAt).toISOString()} />.
      </Trans>
    </output>
  )
}

function Name({ name }: Pick<Listener, 'name'>) {
  const { can } = useSession()
  if (!can(listeners.list)) return name
  return (
    <Link {...toListeners()} className={classes['link']}>
      {name}
    </Link>
  )
}
