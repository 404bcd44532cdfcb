/** A user's tokens for an administrator: how many, what they may do, when they were used, and the way to revoke each. */

import { type Token, tokens } from '@gatehouse/contract/identity/tokens'
import type { User } from '@gatehouse/contract/identity/users'
import { t } from '@lingui/core/macro'
import { Button } from '@mantine/core'
import { useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { queryFor, useChange } from '../../api/queries.ts'
import { useSession } from '../../api/session.ts'
import { confirm } from '../../ui/confirm.tsx'
import { Fact, Facts } from '../../ui/facts.tsx'
import { toast } from '../../ui/toast.tsx'
import { TokenTable } from './token-table.tsx'
import { revocation, revokedWords, tokenCount } from './token-words.ts'

/** The newest; more than these are for a script. */
const shownAtMost = 200

/** Any id: the permission does not depend on the token. */
const anyToken = '~'

export function UserTokens({ user: { id, username } }: { user: Pick<User, 'id' | 'username'> }) {
  const { data } = useSuspenseQuery(queryFor(tokens.listOf, { params: { id }, search: { limit: shownAtMost } }))
  const { whyNot } = useSession()
  const change = useChange(tokens.revokeOf)
  const [isShown, setShown] = useState(false)
  const count = data.items.length
  const reason = whyNot(tokens.revokeOf, { id, tokenId: anyToken })

  async function revoke(token: Token): Promise<void> {
    await confirm({
      ...revocation(token, username),
      run: async () => {
        await change.mutateAsync({ params: { id, tokenId: token.id } })
        toast({ message: revokedWords(token) })
      },
    })
  }

  return (
    <>
      <Facts>
        <Fact label={t`Tokens`}>
          {tokenCount(data.total)}{' '}
          {count > 0 && (
            <Button size="compact-sm" variant="subtle" aria-expanded={isShown} onClick={() => setShown(!isShown)}>
              {isShown ? t`Hide tokens` : t`Show tokens`}
            </Button>
          )}
        </Fact>
      </Facts>
      {isShown && count > 0 && (
        <TokenTable
          label={t`Tokens of ${username}`}
          tokens={data.items}
          holder={t`All permissions of the user`}
          onRevoke={reason === undefined ? (one) => void revoke(one) : undefined}
        />
      )}
    </>
  )
}
