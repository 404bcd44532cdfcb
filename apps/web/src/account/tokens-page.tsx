/** Own account → Tokens: the own tokens for scripts: create and revoke. */

import { type Token, tokens } from '@gatehouse/contract/identity/tokens'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { IconPlus } from '@tabler/icons-react'
import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { lazy } from 'react'
import { queryFor, useChange } from '../api/queries.ts'
import type { Loading } from '../api/session.ts'
import { TokenTable } from '../identity/tokens/token-table.tsx'
import { revocation, revokedWords } from '../identity/tokens/token-words.ts'
import { confirm } from '../ui/confirm.tsx'
import { EmptyState, NothingFound } from '../ui/empty-state.tsx'
import { Filters, SearchFilter } from '../ui/filters.tsx'
import { GuardedButton } from '../ui/guarded-button.tsx'
import { LateDialog } from '../ui/late-dialog.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { Paging } from '../ui/paging.tsx'
import { useNavigateTo, withSearch } from '../ui/search-links.ts'
import { toast } from '../ui/toast.tsx'
import { AccountNavigation } from './account-pages.tsx'
import type { TokensSearch } from './tokens-search.ts'

function tokensQuery({ search, sort, cursor }: TokensSearch) {
  return queryFor(tokens.list, { search: { search, sort, cursor } })
}

/** Loaded when one is opened. */
const TokenCreate = lazy(() =>
  import('../identity/tokens/token-create-dialog.tsx').then(({ TokenCreate: dialog }) => ({ default: dialog })),
)

export async function load({ context, deps }: Loading<TokensSearch>): Promise<void> {
  await context.client.fetchQuery({ ...tokensQuery(deps), staleTime: 0 })
}

const page = getRouteApi('/account/tokens')

export function TokensPage() {
  const search = page.useSearch()
  const { data } = useSuspenseQuery(tokensQuery(search))
  const go = useNavigateTo()
  const revoke = useRevoke()
  return (
    <>
      <AccountNavigation />
      <PageHeader
        help={() => import('./help.ts').then(({ tokensHelp }) => tokensHelp)}
        title={t`Tokens`}
        description={
          <Trans>
            For scripts and services that use <a href="/api/docs">the API</a> in your name, without your password.
          </Trans>
        }
        actions={
          <GuardedButton
            leftSection={<IconPlus size={16} aria-hidden />}
            whyNot={
              data.hasGrant
                ? undefined
                : t`Your account does not allow tokens. An administrator can allow Token in Edit user.`
            }
            onClick={() => go(withSearch({ create: '' }))}
          >
            <Trans>Create token</Trans>
          </GuardedButton>
        }
      />
      <Tokens items={data.items} isSearched={Boolean(search.search)} total={data.total} onRevoke={revoke} />
      <Paging nextCursor={data.nextCursor} />
      {search.create !== undefined && (
        <LateDialog onClose={() => go(withSearch({ create: undefined }))}>
          <TokenCreate />
        </LateDialog>
      )}
    </>
  )
}

interface TokensProps {
  items: readonly Token[]
  total: number | null
  isSearched: boolean
  onRevoke: (token: Token) => Promise<void>
}

function Tokens({ items, total, isSearched, onRevoke }: TokensProps) {
  if (items.length === 0 && !isSearched) {
    return (
      <EmptyState title={t`No tokens yet`}>
        <Trans>
          A script sends a token instead of a password. A token has your permissions or fewer, and you set when it
          expires.
        </Trans>
      </EmptyState>
    )
  }
  return (
    <>
      <Filters total={total} of={(count) => plural(count, { one: '# token', other: '# tokens' })}>
        <SearchFilter label={t`Search tokens`} />
      </Filters>
      {items.length === 0 ? (
        <NothingFound />
      ) : (
        <TokenTable
          label={t`Tokens`}
          tokens={items}
          holder={t`All my permissions`}
          onRevoke={(token) => void onRevoke(token)}
        />
      )}
    </>
  )
}

function useRevoke() {
  const change = useChange(tokens.revoke)
  return async (token: Token): Promise<void> => {
    await confirm({
      ...revocation(token),
      run: async () => {
        await change.mutateAsync({ params: { id: token.id } })
        toast({ message: revokedWords(token) })
      },
    })
  }
}
