/** The roles of a user that an identity provider gives, and the mappings that give them. */
import { identities } from '@gatehouse/contract/identity/identities'
import type { User } from '@gatehouse/contract/identity/users'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { EntityLink } from '../../access/roles/entity-link.tsx'
import { useSession } from '../../api/session.ts'
import { formatList } from '../../messages/format.ts'
import { Machine } from '../../ui/badges.tsx'
import { Section } from '../../ui/section.tsx'
import { identitiesOf } from './search.ts'
import { useOriginName } from './user-origin.tsx'
import classes from './user-page.module.css'

type Mapped = Pick<User, 'id' | 'identityProvider' | 'roles' | 'roleNames' | 'mappedRoles'>

export function RolesBySource({ user }: { user: Mapped }) {
  const { roles, roleNames, mappedRoles } = user
  const sourcesOf = useSources(user)
  const origin = useOriginName(user)
  if (mappedRoles.length === 0) return null
  return (
    <Section title={t`Roles by source`}>
      <ul className={classes['sources']} aria-label={t`Roles by source`}>
        {roles.map((id, at) => (
          <li key={id}>
            <EntityLink kind="role" id={id} name={roleNames[at] ?? id} />
            <span>
              {mappedRoles.includes(id) ? (
                <>
                  <Trans>mapped by {origin}</Trans>{' '}
                  {sourcesOf(id).map((source) => (
                    <Machine key={source}>{source}</Machine>
                  ))}
                </>
              ) : (
                <Trans>assigned by hand</Trans>
              )}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  )
}

/** Why mapped roles cannot be removed, below the field for roles. Empty without them. */
export function useMappedRolesNote(user: Mapped): string {
  const { roles, roleNames, mappedRoles } = user
  const sourcesOf = useSources(user)
  const origin = useOriginName(user)
  if (mappedRoles.length === 0) return ''
  const parts = mappedRoles.map((id) => {
    const name = roleNames[roles.indexOf(id)] ?? id
    const sources = sourcesOf(id)
    return sources.length === 0 ? name : t`${name} (by ${formatList(sources)})`
  })
  return t`Mapped by ${origin}: ${formatList(parts)}. Change the groups of the person there, or the mappings.`
}

/** By the groups that the provider named last. Empty where the caller may not read them. */
function useSources({ id, mappedRoles }: Mapped): (roleId: string) => readonly string[] {
  const { can } = useSession()
  const { data } = useQuery({ ...identitiesOf(id), enabled: mappedRoles.length > 0 && can(identities.listOf, { id }) })
  return (role) => data?.mapped.find(({ roleId }) => roleId === role)?.sources ?? []
}
