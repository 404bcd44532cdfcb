/** Tokens, the own ones or those of a user: purpose, permissions, expiry, and a button that revokes one. */

import type { Token } from '@gatehouse/contract/identity/tokens'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { permissionSentence } from '../../access/permissions/permission-words.ts'
import { formatDate, formatExactTime } from '../../messages/format.ts'
import { StatusBadge } from '../../ui/badges.tsx'
import { useNow } from '../../ui/clock.ts'
import classes from '../../ui/data-table.module.css'
import { RelativeTime } from '../../ui/relative-time.tsx'
import own from './token-table.module.css'
import { permissionCount, tokenEndWords, tokenOriginWords } from './token-words.ts'

interface TokenTableProps {
  label: string
  tokens: readonly Token[]
  /** The rights of a token without permissions of its own. */
  holder: string
  /** Undefined where they cannot be revoked. */
  onRevoke: ((token: Token) => void) | undefined
}

const created = t`Created`
const headers = [t`Label`, t`Permissions`, created, t`Last used`, t`Expires`] as const

export function TokenTable({ label, tokens, holder, onRevoke }: TokenTableProps) {
  return (
    <div className={own['frame']}>
      <table className={classes['table']} aria-label={label}>
        <thead>
          <tr>
            {headers.map((header) => (
              <th key={header} scope="col" className={header === created ? own['spare'] : undefined}>
                {header}
              </th>
            ))}
            <th className={classes['menuCell']}>
              <span className={classes['hidden']}>{t`Actions`}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {tokens.map((token) => (
            <tr key={token.id}>
              <td className={classes['first']}>{token.label}</td>
              <td data-header={t`Permissions`}>
                <Rights token={token} holder={holder} />
              </td>
              <td data-header={created} className={own['spare']}>
                <span>
                  <RelativeTime at={token.createdAt} />, {tokenOriginWords(token.origin)}
                </span>
              </td>
              <td data-header={t`Last used`}>
                <RelativeTime at={token.lastUsedAt} />
              </td>
              <td data-header={t`Expires`}>
                <End token={token} />
              </td>
              <td className={classes['menuCell']}>
                {onRevoke && (
                  <Button
                    size="compact-sm"
                    variant="default"
                    aria-label={t`Revoke ${token.label}`}
                    onClick={() => onRevoke(token)}
                  >
                    <Trans context="of a token">Revoke</Trans>
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Rights({ token: { permissions }, holder }: { token: Token; holder: string }) {
  if (permissions === null) return holder
  const [only] = permissions
  if (only && permissions.length === 1) return permissionSentence(only)
  return (
    <details className={own['rights']}>
      <summary>{permissionCount(permissions)}</summary>
      <ul>
        {permissions.map((permission) => (
          <li key={permissionSentence(permission)}>{permissionSentence(permission)}</li>
        ))}
      </ul>
    </details>
  )
}

function End({ token: { createdAt, expiresAt: at } }: { token: Token }) {
  const now = useNow()
  if (at === null)
    return (
      <StatusBadge status="off">
        <Trans>never</Trans>
      </StatusBadge>
    )
  const words = tokenEndWords({ createdAt, expiresAt: at }, now)
  return (
    <span className={own['end']}>
      <time dateTime={at} title={formatExactTime(at)}>
        {formatDate(at)}
      </time>
      {words && <StatusBadge status={words.status}>{words.label}</StatusBadge>}
    </span>
  )
}
