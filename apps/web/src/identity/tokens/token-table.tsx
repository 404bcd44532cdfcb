/** Tokens, the own ones or those of a user: purpose, permissions, expiry, and a button that revokes one. */
import type { Token } from '@gatehouse/contract/identity/tokens'
import { Button } from '@mantine/core'
import { permissionSentence } from '../../access/permissions/permission-words.ts'
import { StatusBadge } from '../../ui/badges.tsx'
import { useNow } from '../../ui/clock.ts'
import classes from '../../ui/data-table.module.css'
import { dateOf } from '../../ui/expiry.tsx'
import { exactTime, RelativeTime } from '../../ui/relative-time.tsx'
import own from './token-table.module.css'
import { permissionCount, tokenEndWords, tokenOriginWords } from './token-words.ts'

interface TokenTableProps {
  label: string
  tokens: readonly Token[]
  /** Whose rights one has that is not narrowed: "you", "its user". */
  holder: string
  /** Undefined where they cannot be revoked. */
  onRevoke: ((token: Token) => void) | undefined
}

const headers = ['Label', 'May do', 'Created', 'Last used', 'Expires'] as const

export function TokenTable({ label, tokens, holder, onRevoke }: TokenTableProps) {
  return (
    <div className={own['frame']}>
      <table className={classes['table']} aria-label={label}>
        <thead>
          <tr>
            {headers.map((header) => (
              <th key={header} scope="col" className={header === 'Created' ? own['spare'] : undefined}>
                {header}
              </th>
            ))}
            <th className={classes['menuCell']}>
              <span className={classes['hidden']}>Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {tokens.map((token) => (
            <tr key={token.id}>
              <td className={classes['first']}>{token.label}</td>
              <td data-header="May do">
                <Rights token={token} holder={holder} />
              </td>
              <td data-header="Created" className={own['spare']}>
                <RelativeTime at={token.createdAt} />, {tokenOriginWords(token.origin)}
              </td>
              <td data-header="Last used">
                <RelativeTime at={token.lastUsedAt} />
              </td>
              <td data-header="Expires">
                <End token={token} />
              </td>
              <td className={classes['menuCell']}>
                {onRevoke && (
                  <Button
                    size="compact-sm"
                    variant="default"
                    aria-label={`Revoke ${token.label}`}
                    onClick={() => onRevoke(token)}
                  >
                    Revoke
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
  if (permissions === null) return `Whatever ${holder} may do`
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
  if (at === null) return <StatusBadge status="off">never</StatusBadge>
  const words = tokenEndWords({ createdAt, expiresAt: at }, now)
  return (
    <span className={own['end']}>
      <time dateTime={at} title={exactTime(at)}>
        {dateOf(at)}
      </time>
      {words && <StatusBadge status={words.status}>{words.label}</StatusBadge>}
    </span>
  )
}
