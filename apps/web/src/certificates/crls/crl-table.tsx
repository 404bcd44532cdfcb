/** The CRLs of all authorities with their age and next update. */

import { revocationLists } from '@gatehouse/contract/certificates/crls'
import type { Answer } from '@gatehouse/contract/route'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useSuspenseQuery } from '@tanstack/react-query'
import { queryFor } from '../../api/queries.ts'
import { useSession } from '../../api/session.ts'
import { toAuthority } from '../../links.ts'
import { formatNumber } from '../../messages/format.ts'
import type { Column } from '../../ui/column.ts'
import { DataTable } from '../../ui/data-table.tsx'
import { download, fileNameFrom } from '../../ui/download.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import classes from '../revocations/revocations.module.css'
import { CrlState, useRemoveList } from './crl-state.tsx'

type Held = Answer<typeof revocationLists.list>['items'][number] & { refuses: boolean }

export const listsQuery = queryFor(revocationLists.list, {})

const columns: readonly Column<Held>[] = [
  { id: 'ca', header: t`CA`, cell: ({ authority, issuer }) => authority?.name ?? issuer },
  { id: 'number', header: t`Number`, width: '12%', cell: ({ number }) => number ?? '–' },
  { id: 'issued', header: t`Issued`, width: '16%', cell: ({ thisUpdate }) => <RelativeTime at={thisUpdate} /> },
  {
    id: 'next-update',
    header: t`Next update`,
    width: '26%',
    cell: (list) => <CrlState list={list} refuses={list.refuses} />,
  },
  { id: 'revokes', header: t`Revokes`, align: 'end', width: '10%', cell: ({ count }) => formatNumber(count) },
]

export function CrlTable() {
  const { items, whenExpired } = useSuspenseQuery(listsQuery).data
  const { can, whyNot } = useSession()
  const remove = useRemoveList()
  const lists = items.map((list) => ({ ...list, refuses: whenExpired === 'refuse' }))
  return (
    <section className={classes['lists']} aria-labelledby="held-lists">
      <h2 id="held-lists">
        <Trans>CRLs</Trans>
      </h2>
      <p>
        <Trans>
          CRLs that CAs have published. Upload them in the details of each CA. The broker refuses the certificates on
          them.
        </Trans>
      </p>
      <DataTable
        label={t`CRLs`}
        page={{ items: lists }}
        columns={columns}
        keyOf={({ fingerprint }) => fingerprint}
        nameOf={({ authority, issuer }) => authority?.name ?? issuer}
        actionsOf={(list) => [
          ...(list.authority ? [{ label: t`Open the CA`, link: toAuthority(list.authority.fingerprint) }] : []),
          {
            label: t`Download`,
            onSelect: () =>
              void download(
                revocationLists.download,
                { params: list },
                fileNameFrom(list.authority?.name ?? 'list', 'crl'),
              ),
          },
          {
            label: t`Delete…`,
            dangerous: true as const,
            onSelect: () => void remove(list),
            whyNot: whyNot(revocationLists.remove, { fingerprint: list.fingerprint }),
          },
        ]}
        isFiltered={false}
        empty={
          <EmptyState title={t`No CRLs yet`}>
            {can(revocationLists.view)
              ? t`If a CA publishes a CRL, open its details under Authorities and drop the file there.`
              : t`No CRL was uploaded yet.`}
          </EmptyState>
        }
      />
    </section>
  )
}
