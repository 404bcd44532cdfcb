/** Open sessions, the own ones or those of a user: browser, address, start, and a button that ends one. */

import type { OpenSession } from '@gatehouse/contract/identity/sessions'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { StatusBadge } from '../../ui/badges.tsx'
import classes from '../../ui/data-table.module.css'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { userAgentWords } from './user-agent.ts'

interface SessionTableProps {
  label: string
  sessions: readonly OpenSession[]
  /** Undefined where they cannot be ended. */
  onEnd: ((open: OpenSession) => void) | undefined
}

const headers = [t`Where`, t`Address`, t`Signed in`, t`Last seen`] as const

export function SessionTable({ label, sessions, onEnd }: SessionTableProps) {
  return (
    <table className={classes['table']} aria-label={label}>
      <thead>
        <tr>
          {headers.map((header) => (
            <th key={header} scope="col">
              {header}
            </th>
          ))}
          <th className={classes['menuCell']}>
            <span className={classes['hidden']}>{t`Actions`}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {sessions.map((open) => (
          <tr key={open.id}>
            <td className={classes['first']} title={open.userAgent ?? undefined}>
              {userAgentWords(open.userAgent)}
            </td>
            <td data-header={t`Address`}>{open.address}</td>
            <td data-header={t`Signed in`}>
              <RelativeTime at={open.createdAt} />
            </td>
            <td data-header={t`Last seen`}>
              <RelativeTime at={open.lastSeenAt} />
            </td>
            <td className={classes['menuCell']}>
              {open.current ? (
                <StatusBadge status="valid">
                  <Trans>Current session</Trans>
                </StatusBadge>
              ) : (
                onEnd && (
                  <Button
                    size="compact-sm"
                    variant="default"
                    aria-label={t`End ${sessionName(open)}`}
                    onClick={() => onEnd(open)}
                  >
                    <Trans>End</Trans>
                  </Button>
                )
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** "Firefox on Linux at 10.0.0.7" */
export function sessionName({ userAgent, address }: OpenSession): string {
  return t`${userAgentWords(userAgent)} at ${address}`
}
