/** Whom changed mappings would give a role, and from whom they would take one. */

import type { MappingPreview } from '@gatehouse/contract/identity/provider-previews'
import { identityProviders, type RoleMapping } from '@gatehouse/contract/identity/providers'
import { plural, t } from '@lingui/core/macro'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { EntityLink } from '../../access/roles/entity-link.tsx'
import { queryFor } from '../../api/queries.ts'
import { formatList } from '../../messages/format.ts'
import { Problem } from '../../ui/problem.tsx'
import { Section } from '../../ui/section.tsx'
import classes from './providers.module.css'

interface MappingChangesProps {
  id: string
  /** Without those that are being typed. */
  mappings: readonly RoleMapping[]
  nameOf: (roleId: string) => string
}

export function MappingChanges({ id, mappings, nameOf }: MappingChangesProps) {
  const { data, error } = useQuery({
    ...queryFor(identityProviders.preview, { params: { id }, body: { mappings: [...mappings] } }),
    placeholderData: keepPreviousData,
    retry: false,
  })
  const users = data?.users
  return (
    <Section title={t`What changes`}>
      <Problem error={error} />
      <output>{users ? sentenceOf(users) : t`Calculating whose roles change…`}</output>
      {users && users.first.length > 0 && <Changes first={users.first} nameOf={nameOf} />}
    </Section>
  )
}

function sentenceOf({ users, gaining, losing }: MappingPreview): string {
  if (users === 0) return t`Nobody has signed in with this provider yet.`
  if (gaining === 0 && losing === 0) return t`No roles change, according to the known groups.`
  const gain = plural(gaining, { one: '# user gets a role', other: '# users get a role' })
  const loss = plural(losing, { one: '# user loses a role at once', other: '# users lose a role at once' })
  return t`According to the known groups: ${formatList([...(gaining > 0 ? [gain] : []), ...(losing > 0 ? [loss] : [])])}.`
}

function Changes({ first, nameOf }: Pick<MappingPreview, 'first'> & Pick<MappingChangesProps, 'nameOf'>) {
  return (
    <ul className={classes['changes']} aria-label={t`Users whose roles change`}>
      {first.map(({ userId, username, gains, loses }) => (
        <li key={userId}>
          <EntityLink kind="user" id={userId} name={username} />
          <span>
            {gains.length > 0 && <span className={classes['gains']}>{t`gets ${formatList(gains.map(nameOf))}`}</span>}{' '}
            {loses.length > 0 && <span className={classes['loses']}>{t`loses ${formatList(loses.map(nameOf))}`}</span>}
          </span>
        </li>
      ))}
    </ul>
  )
}
