/** The directories and OpenID providers whose people may sign in here. */

import { type IdentityProvider, identityProviders, type ListedProvider } from '@gatehouse/contract/identity/providers'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { IconPlus } from '@tabler/icons-react'
import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { lazy } from 'react'
import { type Loading, useSession } from '../../api/session.ts'
import { toProvider, toUsersFrom } from '../../links.ts'
import { formatNumber } from '../../messages/format.ts'
import { Machine, StatusBadge } from '../../ui/badges.tsx'
import type { Column } from '../../ui/column.ts'
import { DataTable } from '../../ui/data-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { LateDialog } from '../../ui/late-dialog.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { useRemoveProvider } from './provider-remove.tsx'
import { kindWords, placeOf, stateWords } from './provider-words.ts'
import { providersQuery } from './search.ts'

/** Loaded when it is opened. */
const ProviderAdd = lazy(() =>
  import('./provider-create-dialog.tsx').then(({ ProviderAdd: dialog }) => ({ default: dialog })),
)

export async function load({ context: { client } }: Loading): Promise<void> {
  await client.ensureQueryData(providersQuery)
}

const page = getRouteApi('/settings/identity-providers')

const columns: readonly Column<ListedProvider>[] = [
  { id: 'name', header: t`Name`, width: '24%', cell: ({ label }) => label },
  { id: 'kind', header: t`Kind`, width: '20%', cell: ({ kind }) => kindWords[kind] },
  { id: 'address', header: t`Address`, cell: (provider) => <Machine>{placeOf(provider)}</Machine> },
  {
    id: 'users',
    header: t`Users`,
    width: '90px',
    align: 'end',
    cell: ({ kind, name, users: count }) =>
      count === 0 ? '0' : <Link {...toUsersFrom(`${kind}:${name}`)}>{formatNumber(count)}</Link>,
  },
  {
    id: 'role-mappings',
    header: t`Role mappings`,
    width: '140px',
    align: 'end',
    cell: ({ mappings }) => formatNumber(mappings.length),
  },
  { id: 'state', header: t`State`, width: '120px', cell: (provider) => <State provider={provider} /> },
]

function State({ provider }: { provider: IdentityProvider }) {
  const { status, label } = stateWords(provider)
  return <StatusBadge status={status}>{label}</StatusBadge>
}

export function ProvidersPage() {
  const { create } = page.useSearch()
  const { data } = useSuspenseQuery(providersQuery)
  const { whyNot } = useSession()
  const go = useNavigateTo()
  const remove = useRemoveProvider()
  const reason = whyNot(identityProviders.create)
  return (
    <>
      <PageHeader
        help={() => import('./help.ts').then(({ providersHelp }) => providersHelp)}
        title={t`Identity providers`}
        description={t`People sign in with their directory password, or at an OpenID Connect provider.`}
        actions={
          <>
            <GuardedButton
              leftSection={<IconPlus size={16} aria-hidden />}
              whyNot={reason}
              onClick={() => go(withSearch({ create: 'ldap' }))}
            >
              <Trans>Add directory</Trans>
            </GuardedButton>
            <GuardedButton
              leftSection={<IconPlus size={16} aria-hidden />}
              whyNot={reason}
              onClick={() => go(withSearch({ create: 'oidc' }))}
            >
              <Trans>Add OpenID Connect provider</Trans>
            </GuardedButton>
          </>
        }
      />
      <DataTable
        label={t`Identity providers`}
        page={data}
        columns={columns}
        keyOf={({ id }) => id}
        nameOf={({ label }) => label}
        linkOf={({ id }) => toProvider(id)}
        actionsOf={actionsOf}
        isOff={({ enabled }) => !enabled}
        isFiltered={false}
        empty={
          <EmptyState title={t`Only local users so far`}>
            <Trans>
              Add a directory or an OpenID Connect provider, test it, and map its groups to roles. Users are created at
              their first sign-in.
            </Trans>
          </EmptyState>
        }
      />
      {create !== undefined && (
        <LateDialog onClose={() => go(withSearch({ create: undefined }))}>
          <ProviderAdd key={create} kind={create} />
        </LateDialog>
      )}
    </>
  )

  function actionsOf(provider: ListedProvider) {
    const { id } = provider
    return [
      { label: t`Open`, link: toProvider(id) },
      {
        label: t`Delete…`,
        dangerous: true as const,
        onSelect: () => void remove(provider),
        whyNot: whyNot(identityProviders.remove, { id }),
      },
    ]
  }
}
