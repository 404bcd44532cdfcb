/** The HTTP servers that devices reach through the edge. */

import { type Upstream, upstreams } from '@gatehouse/contract/brokers/upstreams'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { IconPlus } from '@tabler/icons-react'
import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { lazy } from 'react'
import { type Loading, useSession } from '../../api/session.ts'
import { Machine } from '../../ui/badges.tsx'
import type { Column } from '../../ui/column.ts'
import { DataTable } from '../../ui/data-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { LateDialog } from '../../ui/late-dialog.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { type UpstreamsSearch, upstreamQuery, upstreamsQuery } from './search.ts'
import { useRemoveUpstream } from './upstream-remove.tsx'
import { authenticationWords, kindWords } from './upstream-words.ts'

/** Loaded when one is opened. */
const UpstreamAdd = lazy(() =>
  import('./upstream-create-dialog.tsx').then(({ UpstreamAdd: dialog }) => ({ default: dialog })),
)
const UpstreamEdit = lazy(() =>
  import('./upstream-edit-dialog.tsx').then(({ UpstreamEdit: dialog }) => ({ default: dialog })),
)

const UpstreamIdentities = lazy(() =>
  import('./upstream-identities-dialog.tsx').then(({ UpstreamIdentities: dialog }) => ({ default: dialog })),
)

export async function load({ context: { client }, deps }: Loading<UpstreamsSearch>): Promise<void> {
  const shown = deps.edit ?? deps.identities
  await Promise.all([
    client.ensureQueryData(upstreamsQuery),
    shown !== undefined && client.fetchQuery({ ...upstreamQuery(shown), staleTime: 0 }),
  ])
}

const page = getRouteApi('/broker/upstreams')

const columns: readonly Column<Upstream>[] = [
  { id: 'name', header: t`Name`, width: '20%', cell: ({ name }) => name },
  { id: 'address', header: t`Address`, cell: ({ origin }) => <Machine>{origin}</Machine> },
  { id: 'kind', header: t`Kind`, width: '18%', cell: ({ kind }) => kindWords[kind] },
  {
    id: 'authentication',
    header: t`Authentication`,
    width: '22%',
    cell: ({ authentication }) => authenticationWords[authentication],
  },
]

export function UpstreamsPage() {
  const { create, edit, identities } = page.useSearch()
  const { data } = useSuspenseQuery(upstreamsQuery)
  const { whyNot } = useSession()
  const go = useNavigateTo()
  const remove = useRemoveUpstream()
  return (
    <>
      <PageHeader
        help={() => import('./help.ts').then(({ upstreamsHelp }) => upstreamsHelp)}
        title={t`Upstreams`}
        description={t`HTTP servers that devices reach with their certificates, through listeners for HTTP.`}
        actions={
          <GuardedButton
            leftSection={<IconPlus size={16} aria-hidden />}
            whyNot={whyNot(upstreams.create)}
            onClick={() => go(withSearch({ create: '' }))}
          >
            <Trans>Add upstream</Trans>
          </GuardedButton>
        }
      />
      <DataTable
        label={t`Upstreams`}
        page={data}
        columns={columns}
        keyOf={({ id }) => id}
        nameOf={({ name }) => name}
        linkOf={({ id }) => withSearch({ edit: id })}
        actionsOf={actionsOf}
        isFiltered={false}
        empty={
          <EmptyState title={t`No upstreams`}>
            <Trans>Add an upstream, then a listener with the protocol “HTTP for devices”.</Trans>
          </EmptyState>
        }
      />
      {create !== undefined && (
        <LateDialog onClose={() => go(withSearch({ create: undefined }))}>
          <UpstreamAdd />
        </LateDialog>
      )}
      {edit !== undefined && (
        <LateDialog onClose={() => go(withSearch({ edit: undefined }))}>
          <UpstreamEdit key={edit} id={edit} />
        </LateDialog>
      )}
      {identities !== undefined && (
        <LateDialog onClose={() => go(withSearch({ identities: undefined }))}>
          <UpstreamIdentities key={identities} id={identities} />
        </LateDialog>
      )}
    </>
  )

  function actionsOf(upstream: Upstream) {
    const { id, kind, identityAttribute } = upstream
    const hasIdentities = kind === 'mender' && identityAttribute === null
    return [
      { label: whyNot(upstreams.update, { id }) ? t`Show` : t`Edit`, link: withSearch({ edit: id }) },
      ...(hasIdentities ? [{ label: t`Identities`, link: withSearch({ identities: id }) }] : []),
      {
        label: t`Delete…`,
        dangerous: true as const,
        onSelect: () => void remove(upstream),
        whyNot: whyNot(upstreams.remove, { id }),
      },
    ]
  }
}
