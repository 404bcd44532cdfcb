/** The page of one identity provider: its settings, a test, its role mappings, and what a person gets. */

import { roles } from '@gatehouse/contract/access/roles'
import { type IdentityProvider, identityProviders, type ListedProvider } from '@gatehouse/contract/identity/providers'
import { users } from '@gatehouse/contract/identity/users'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { lazy } from 'react'
import { EntityLink } from '../../access/roles/entity-link.tsx'
import { roleChoicesQuery } from '../../access/roles/role-choices.ts'
import { useChange } from '../../api/queries.ts'
import { type Loading, mayIn, useSession } from '../../api/session.ts'
import { toProviders, toUsersFrom } from '../../links.ts'
import { Machine, StatusBadge } from '../../ui/badges.tsx'
import { Fact, Facts } from '../../ui/facts.tsx'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { LateDialog } from '../../ui/late-dialog.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { RowMenu } from '../../ui/row-menu.tsx'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { Section } from '../../ui/section.tsx'
import { LastSweepFact } from './last-sweep.tsx'
import { toRows } from './mapping-rows.ts'
import { PersonCheck } from './person-check.tsx'
import { useRemoveProvider } from './provider-remove.tsx'
import { ProviderTest } from './provider-test.tsx'
import { bindWords, groupWords, kindWords, placeOf, stateWords, withoutMappings } from './provider-words.ts'
import classes from './providers.module.css'
import { useRoleNames } from './role-names.ts'
import { providerQuery } from './search.ts'

/** Loaded when they are opened. */
const ProviderEdit = lazy(() =>
  import('./provider-edit-dialog.tsx').then(({ ProviderEdit: dialog }) => ({ default: dialog })),
)
const MappingsEdit = lazy(() =>
  import('./mappings-dialog.tsx').then(({ MappingsEdit: dialog }) => ({ default: dialog })),
)

export async function load({ context, params: { id } }: Loading & { params: { id: string } }): Promise<void> {
  const { client, session } = context
  await Promise.all([
    client.fetchQuery({ ...providerQuery(id), staleTime: 0 }),
    mayIn(session, roles.list) && client.ensureQueryData(roleChoicesQuery),
  ])
}

const page = getRouteApi('/settings/identity-providers/$id')

export function ProviderPage() {
  const { id } = page.useParams()
  const { edit } = page.useSearch()
  const { data: provider } = useSuspenseQuery(providerQuery(id))
  const { can } = useSession()
  const go = useNavigateTo()
  const close = () => go(withSearch({ edit: undefined }))
  return (
    <>
      <ProviderHeader provider={provider} />
      <Settings provider={provider} />
      <Mappings provider={provider} />
      {can(identityProviders.preview, { id }) && <PersonCheck key={id} id={id} kind={provider.kind} />}
      <Test key={id} provider={provider} />
      {edit !== undefined && (
        <LateDialog onClose={close}>
          {edit === 'settings' ? <ProviderEdit key={id} id={id} /> : <MappingsEdit key={id} id={id} />}
        </LateDialog>
      )}
    </>
  )
}

function ProviderHeader({ provider }: { provider: IdentityProvider }) {
  const { id, kind, label } = provider
  const { whyNot } = useSession()
  const go = useNavigateTo()
  const remove = useRemoveProvider()
  const { status, label: state } = stateWords(provider)

  async function removeAndLeave(): Promise<void> {
    if (await remove(provider)) go(toProviders())
  }

  return (
    <PageHeader
      help={() => import('./help.ts').then(({ providersHelp }) => providersHelp)}
      title={label}
      above={
        <Link {...toProviders()}>
          <Trans>Identity providers</Trans>
        </Link>
      }
      aside={<StatusBadge status={status}>{state}</StatusBadge>}
      description={kindWords[kind]}
      actions={
        <>
          <Button onClick={() => go(withSearch({ edit: 'settings' }))}>
            {whyNot(identityProviders.update, { id }) ? t`Show` : t`Edit`}
          </Button>
          <RowMenu
            name={label}
            actions={[
              {
                label: t`Delete…`,
                dangerous: true,
                onSelect: () => void removeAndLeave(),
                whyNot: whyNot(identityProviders.remove, { id }),
              },
            ]}
          />
        </>
      }
    />
  )
}

function Settings({ provider }: { provider: ListedProvider }) {
  const { kind, name, mfaForNew } = provider
  const { can } = useSession()
  return (
    <Section title={t`Settings`}>
      <Facts>
        <Fact label={t`Address`} copy={placeOf(provider)}>
          <Machine>{placeOf(provider)}</Machine>
        </Fact>
        {kind === 'ldap' ? <LdapFacts settings={provider.settings} /> : <OidcFacts settings={provider.settings} />}
        {kind === 'ldap' && <LastSweepFact lastSweep={provider.lastSweep} />}
        <Fact label={t`New users`}>{mfaForNew ? t`must set up MFA` : t`need no MFA unless a policy requires it`}</Fact>
        <Fact label={t`Users`}>
          {can(users.list) && (
            <Link {...toUsersFrom(`${kind}:${name}`)}>
              <Trans>Users of this provider</Trans>
            </Link>
          )}
        </Fact>
      </Facts>
    </Section>
  )
}

function LdapFacts({ settings }: Pick<Extract<IdentityProvider, { kind: 'ldap' }>, 'settings'>) {
  const { bind, bindDn, searchBase, usernameAttribute, groups, mqttPasswords } = settings
  return (
    <>
      <Fact label={t`Signs in`}>{bindDn === null ? bindWords[bind] : <Machine>{bindDn}</Machine>}</Fact>
      <Fact label={t`People`}>
        <Machine>
          {usernameAttribute} · {searchBase}
        </Machine>
      </Fact>
      <Fact label={t`Groups`}>{groupWords[groups]}</Fact>
      <Fact label={t`MQTT`}>{mqttPasswords ? t`its passwords also work over MQTT` : t`console only`}</Fact>
    </>
  )
}

function OidcFacts({ settings }: Pick<Extract<IdentityProvider, { kind: 'oidc' }>, 'settings'>) {
  const { clientId, usernameClaim, rolesClaim } = settings
  return (
    <>
      <Fact label={t`Client ID`} copy={clientId}>
        <Machine>{clientId}</Machine>
      </Fact>
      <Fact label={t`Username`}>
        <Machine>{usernameClaim}</Machine>
      </Fact>
      <Fact label={t`Claim for roles`}>{rolesClaim === null ? t`none` : <Machine>{rolesClaim}</Machine>}</Fact>
    </>
  )
}

function Mappings({ provider }: { provider: IdentityProvider }) {
  const { id, mappings } = provider
  const { whyNot } = useSession()
  const nameOf = useRoleNames()
  const go = useNavigateTo()
  return (
    <Section
      title={t`Role mappings`}
      actions={
        <GuardedButton
          size="xs"
          variant="default"
          whyNot={whyNot(identityProviders.update, { id })}
          onClick={() => go(withSearch({ edit: 'mappings' }))}
        >
          <Trans>Edit mappings</Trans>
        </GuardedButton>
      }
      empty={mappings.length === 0 && withoutMappings(provider)}
    >
      <ul className={classes['mappings']} aria-label={t`Role mappings`}>
        {toRows(mappings).map(({ source, roles: given }) => (
          <li key={source}>
            <Machine>{source}</Machine>
            <span className={classes['roles']}>
              {given.map((roleId) => (
                <EntityLink key={roleId} kind="role" id={roleId} name={nameOf(roleId)} />
              ))}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  )
}

function Test({ provider: { id, kind } }: { provider: IdentityProvider }) {
  const { whyNot } = useSession()
  const { mutate, data, error, isPending } = useChange(identityProviders.test)
  return (
    <Section title={t`Connection test`}>
      <ProviderTest
        takesPerson={kind === 'ldap'}
        run={(person) => mutate({ params: { id }, body: person })}
        isPending={isPending}
        error={error}
        steps={data?.steps}
        whyNot={whyNot(identityProviders.test, { id })}
      />
    </Section>
  )
}
