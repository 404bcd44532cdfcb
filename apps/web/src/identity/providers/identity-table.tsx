/** Linked identities, with a button that unlinks one. */
import type { LinkedIdentity } from '@gatehouse/contract/identity/identities'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Machine, StatusBadge, Tag } from '../../ui/badges.tsx'
import classes from '../../ui/data-table.module.css'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'

interface IdentityTableProps {
  label: string
  items: readonly LinkedIdentity[]
  whyNotUnlink?: (identity: LinkedIdentity) => string | undefined
  onUnlink: (identity: LinkedIdentity) => void
}

export function IdentityTable({ label, items, whyNotUnlink, onUnlink }: IdentityTableProps) {
  return (
    <table className={classes['table']} aria-label={label}>
      <thead>
        <tr>
          <th scope="col">{t`Provider`}</th>
          <th scope="col">{t`Name there`}</th>
          <th scope="col">{t`Last sign-in`}</th>
          <th className={classes['menuCell']}>
            <span className={classes['hidden']}>{t`Actions`}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {items.map((identity) => (
          <Row key={identity.id} identity={identity} {...(whyNotUnlink && { whyNotUnlink })} onUnlink={onUnlink} />
        ))}
      </tbody>
    </table>
  )
}

function Row({
  identity,
  whyNotUnlink,
  onUnlink,
}: Omit<IdentityTableProps, 'label' | 'items'> & { identity: LinkedIdentity }) {
  const { provider, label, isOrigin, lastSignInAt } = identity
  return (
    <tr>
      <td className={classes['first']}>
        {provider.label} {isOrigin && <Tag>{t`origin`}</Tag>}
        {!provider.enabled && <StatusBadge status="off">{t`disabled`}</StatusBadge>}
      </td>
      <td data-header={t`Name there`}>{label === null ? '–' : <Machine>{label}</Machine>}</td>
      <td data-header={t`Last sign-in`}>
        <RelativeTime at={lastSignInAt} />
      </td>
      <td className={classes['menuCell']}>
        <GuardedButton
          size="compact-sm"
          variant="default"
          aria-label={t`Unlink ${provider.label}`}
          whyNot={isOrigin ? t`The account comes from this provider. It cannot be unlinked.` : whyNotUnlink?.(identity)}
          onClick={() => onUnlink(identity)}
        >
          <Trans>Unlink…</Trans>
        </GuardedButton>
      </td>
    </tr>
  )
}
