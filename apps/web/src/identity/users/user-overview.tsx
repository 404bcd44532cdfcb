/** What is stored of a user, on its page. */

import type { User, UserDetails } from '@gatehouse/contract/identity/users'
import { t } from '@lingui/core/macro'
import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { EntityLink } from '../../access/roles/entity-link.tsx'
import { toUsersOfKind } from '../../links.ts'
import { formatNumber } from '../../messages/format.ts'
import { Machine, Tag } from '../../ui/badges.tsx'
import { Fact, Facts } from '../../ui/facts.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { Section } from '../../ui/section.tsx'
import { CredentialFacts } from './credential-facts.tsx'
import { userQuery } from './search.ts'
import { Methods } from './user-cells.tsx'
import { isLocal, OriginName } from './user-origin.tsx'
import classes from './user-page.module.css'

/** What one looks for first, on every tab. */
export function KeyFacts({ user }: { user: UserDetails }) {
  const { kind, lastSignInAt, connections } = user
  return (
    <dl className={classes['keyFacts']}>
      <KeyFact label={kind === 'machine' ? t`Last seen` : t`Last sign-in`}>
        <RelativeTime at={lastSignInAt} />
      </KeyFact>
      <KeyFact label={t`Live connections`}>{connections === null ? t`Not known` : formatNumber(connections)}</KeyFact>
      <KeyFact label={t`Signs in with`}>
        <Methods user={user} />
      </KeyFact>
      <KeyFact label={t`Roles`}>
        <Roles user={user} />
      </KeyFact>
      {user.tags.length > 0 && (
        <KeyFact label={t`Tags`}>
          <TagLinks user={user} />
        </KeyFact>
      )}
    </dl>
  )
}

function KeyFact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Roles({ user: { roles, roleNames } }: { user: User }) {
  if (roles.length === 0) return '–'
  return (
    <span className={classes['roles']}>
      {roles.map((id, at) => (
        <EntityLink key={id} kind="role" id={id} name={roleNames[at] ?? id} />
      ))}
    </span>
  )
}

/** Each leads to the others with this tag. */
function TagLinks({ user: { kind, tags } }: { user: User }) {
  return (
    <span className={classes['roles']}>
      {tags.map((tag) => (
        <Link key={tag} {...toUsersOfKind(kind, { tag })}>
          <Tag>{tag}</Tag>
        </Link>
      ))}
    </span>
  )
}

export function Details({ user }: { user: UserDetails }) {
  const { id, username, displayName, permissions, mqttPublishPrefix, createdAt, mfa } = user
  const client = useQueryClient()
  return (
    <Section title={t`Details`}>
      <Facts>
        <Fact label={t`Username`} copy={username}>
          <Machine>{username}</Machine>
        </Fact>
        <Fact label={t`Display name`}>{displayName}</Fact>
        {!isLocal(user) && (
          <Fact label={t`Origin`}>
            <OriginName user={user} />
          </Fact>
        )}
        <CredentialFacts user={user} onChanged={() => client.invalidateQueries({ queryKey: userQuery(id).queryKey })} />
        <Fact label={t`MFA (Required)`}>
          {mfa.required ? t`Yes, for this user.` : mfa.demanded ? t`By policy.` : ''}
        </Fact>
        <Fact label={t`Direct permissions`}>{permissions.length > 0 ? formatNumber(permissions.length) : t`None`}</Fact>
        <Fact label={t`MQTT publish prefix`}>
          {mqttPublishPrefix === null ? t`None` : <Machine>{mqttPublishPrefix}</Machine>}
        </Fact>
        <Fact label={t`Created`}>
          <RelativeTime at={createdAt} />
        </Fact>
      </Facts>
    </Section>
  )
}
