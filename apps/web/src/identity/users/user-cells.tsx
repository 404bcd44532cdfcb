/** What is known of a user, as cells of the lists and values on the page. */

import type { User } from '@gatehouse/contract/identity/users'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { IconAlertTriangle, IconCheck, IconCpu, IconLock, IconUser } from '@tabler/icons-react'
import { Machine, StatusBadge, Tag } from '../../ui/badges.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { RowIcon } from '../../ui/row-icon.tsx'
import { methodIcons } from './method-icons.ts'
import classes from './users.module.css'

export function Name({ user: { username, displayName, kind, disabledAt } }: { user: User }) {
  const isMachine = kind === 'machine'
  return (
    <span className={classes['name']}>
      <span className={classes['kind']}>
        <RowIcon name={kind} size={16} label={isMachine ? t`Device` : t`Person`} />
      </span>
      <span className={classes['names']}>
        {isMachine ? <Machine>{username}</Machine> : <span>{username}</span>}
        {displayName && (
          <span className={classes['displayName']} title={displayName}>
            {displayName}
          </span>
        )}
        {disabledAt !== null && (
          <StatusBadge status="off">
            <Trans>disabled</Trans>
          </StatusBadge>
        )}
      </span>
    </span>
  )
}

const grantNames = { password: t`password`, certificate: t`certificate`, token: t`token` } as const

/** The shapes of the icons in the cells, once on each page that has them. */
export const cellIcons = { person: IconUser, machine: IconCpu, ...methodIcons }
export function KindIcon({ kind, size }: { kind: User['kind']; size: number }) {
  const Glyph = kind === 'machine' ? IconCpu : IconUser
  return (
    <Glyph
      size={size}
      stroke={1.6}
      aria-label={kind === 'machine' ? t`Device` : t`Person`}
      className={classes['kind']}
    />
  )
}

export function Methods({ user: { grantTypes } }: { user: User }) {
  if (grantTypes.length === 0) return '–'
  return (
    <span className={classes['methods']}>
      {grantTypes.map(({ method, isRequired }) => (
        <Tag key={method}>
          <RowIcon name={method} size={13} />
          <span className={classes['methodName']}>{grantNames[method]}</span>
          {isRequired && <IconLock size={13} aria-label={t`required`} />}
        </Tag>
      ))}
    </span>
  )
}

export function RoleNames({ names }: { names: readonly string[] }) {
  if (names.length === 0) return '–'
  const all = names.join(', ')
  return (
    <span className={classes['oneLine']} title={all}>
      {all}
    </span>
  )
}

export function Tags({ tags }: { tags: readonly string[] }) {
  if (tags.length === 0) return '–'
  return (
    <span className={classes['methods']} title={tags.join(', ')}>
      {tags.slice(0, fewTags).map((tag) => (
        <Tag key={tag}>{tag}</Tag>
      ))}
      {tags.length > fewTags && <span className={classes['dimmed']}>+{tags.length - fewTags}</span>}
    </span>
  )
}

/** As many as fit into one line of a list. */
const fewTags = 3

export function SecondFactor({ user: { kind, mfa: factor } }: { user: Pick<User, 'kind' | 'mfa'> }) {
  if (factor.enabled) {
    return (
      <span className={classes['factor']} data-status="valid">
        <IconCheck size={15} aria-hidden />
        <Trans>on</Trans>
      </span>
    )
  }
  if (factor.demanded) {
    return (
      <span className={classes['factor']} data-status="expiring">
        <IconAlertTriangle size={15} aria-hidden />
        <Trans>required, not set up</Trans>
      </span>
    )
  }
  return <span className={classes['dimmed']}>{kind === 'machine' ? '–' : t`off`}</span>
}

export function TimeCell({ at }: { at: string | null }) {
  return (
    <span className={classes['when']}>
      <RelativeTime at={at} />
    </span>
  )
}
