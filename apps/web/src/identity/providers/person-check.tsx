/** What one person gets from a provider, and why: the groups that were found, and the roles that each of them gives. */
import type { ProviderKind } from '@gatehouse/contract/identity/provider-names'
import type { PersonPreview } from '@gatehouse/contract/identity/provider-previews'
import { identityProviders, type RoleMapping } from '@gatehouse/contract/identity/providers'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { EntityLink } from '../../access/roles/entity-link.tsx'
import { queryFor } from '../../api/queries.ts'
import { Machine, StatusBadge } from '../../ui/badges.tsx'
import { Problem } from '../../ui/problem.tsx'
import { Section } from '../../ui/section.tsx'
import classes from './providers.module.css'
import { useRoleNames } from './role-names.ts'

interface PersonCheckProps {
  id: string
  kind: ProviderKind
  /** Those of an open form, without those that are being typed. Undefined: the stored ones. */
  mappings?: readonly RoleMapping[]
  /** Begins a mapping of this group; only where mappings are edited. */
  onAdd?: ((source: string) => void) | undefined
}

export function PersonCheck({ id, kind, mappings, onAdd }: PersonCheckProps) {
  const [typed, setTyped] = useState('')
  const [username, setUsername] = useState<string | null>(null)
  const { data, error, isFetching, refetch } = useQuery({
    ...queryFor(identityProviders.preview, {
      params: { id },
      body: { username: username ?? '', ...(mappings && { mappings: [...mappings] }) },
    }),
    enabled: username !== null,
    retry: false,
  })

  function check(): void {
    const asked = typed.trim()
    if (asked === username) void refetch()
    else setUsername(asked)
  }

  return (
    <Section title={onAdd ? t`Check a person` : t`What does this person get?`}>
      <div className={classes['tryLine']}>
        <TextInput
          label={t`Username`}
          description={
            kind === 'ldap'
              ? t`Gatehouse asks the directory now.`
              : t`Uses the answer of the provider at the last sign-in.`
          }
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return
            // Within a dialog it would save the form.
            event.preventDefault()
            if (typed.trim() !== '') check()
          }}
        />
        <Button variant="default" loading={isFetching} disabled={typed.trim() === ''} onClick={check}>
          <Trans>Check</Trans>
        </Button>
      </div>
      <Problem error={error} />
      <output>{data?.person && !isFetching && <Person of={data.person} onAdd={onAdd} />}</output>
      {data && !data.person && !isFetching && (
        <output>
          <Trans>Nobody with this name was found.</Trans>
        </output>
      )}
    </Section>
  )
}

function Person({ of, onAdd }: { of: PersonPreview; onAdd: PersonCheckProps['onAdd'] }) {
  const { username, displayName, isDisabled, groups, roles, userId } = of
  return (
    <>
      <p>
        {userId === null ? <Machine>{username}</Machine> : <EntityLink kind="user" id={userId} name={username} />}{' '}
        {displayName}{' '}
        {isDisabled && (
          <StatusBadge status="refused">
            <Trans>disabled there</Trans>
          </StatusBadge>
        )}
      </p>
      <p>{sentenceOf(of)}</p>
      {groups !== null && groups.length > 0 && <Groups groups={groups} roles={roles} onAdd={onAdd} />}
    </>
  )
}

function sentenceOf({ groups, roles, userId }: PersonPreview): string {
  if (groups === null)
    return t`The provider does not name all groups of this person. Roles stay as they are, and new people cannot sign in.`
  if (groups.length === 0) return t`The person is in no group and gets no roles.`
  if (roles.length === 0) return t`None of these groups is mapped. The person gets no roles.`
  return userId === null ? t`The user is created at the first sign-in, with these roles:` : t`These groups give roles:`
}

type GroupsProps = Pick<PersonCheckProps, 'onAdd'> & {
  groups: readonly string[]
  roles: PersonPreview['roles']
}

/** The mapping may be written in another case than the directory writes the group. */
function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

/** Those that give a role come first. */
function Groups({ groups, roles, onAdd }: GroupsProps) {
  const nameOf = useRoleNames()
  const given = groups.map((group) => ({
    group,
    gives: roles.filter(({ sources }) => sources.some((source) => isSame(source, group))),
  }))
  const sorted = given.toSorted((one, other) => Number(other.gives.length > 0) - Number(one.gives.length > 0))
  return (
    <ul className={classes['found']} aria-label={t`Groups of the person`}>
      {sorted.map(({ group, gives }) => (
        <li key={group}>
          <Machine>{group}</Machine>
          <span className={classes['roles']}>
            {gives.map(({ roleId }) => (
              <EntityLink key={roleId} kind="role" id={roleId} name={nameOf(roleId)} />
            ))}
            {gives.length === 0 && (
              <span className={classes['why']}>
                <Trans>not mapped</Trans>
              </span>
            )}
            {gives.length === 0 && onAdd && (
              <Button size="compact-xs" variant="subtle" onClick={() => onAdd(group)}>
                <Trans>Map</Trans>
              </Button>
            )}
          </span>
        </li>
      ))}
    </ul>
  )
}
