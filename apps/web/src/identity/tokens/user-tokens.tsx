/** A user's tokens for an administrator: how many, what they may do, when they were used, and the way to revoke each. */

import { type Token, tokens } from '@gatehouse/contract/identity/tokens'
import type { User } from '@gatehouse/contract/identity/users'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useSuspenseQuery } from '@tanstack/react-query'
import { queryFor, useChange } from '../../api/queries.ts'
import { useSession } from '../../api/session.ts'
import { formatNumber } from '../../messages/format.ts'
import { confirm } from '../../ui/confirm.tsx'
import { Section } from '../../ui/section.tsx'
import { toast } from '../../ui/toast.tsx'
import { TokenTable } from './token-table.tsx'
import { revocation, revokedWords } from './token-words.ts'

/** The newest; more than these are for a script. */
const shownAtMost = 200

/** Any id: the permission does not depend on the token. */
const anyToken = '~'

export function UserTokens({ user: { id, username } }: { user: Pick<User, 'id' | 'username'> }) {
  const { data } = useSuspenseQuery(queryFor(tokens.listOf, { params: { id }, search: { limit: shownAtMost } }))
  const { whyNot } = useSession()
  const change = useChange(tokens.revokeOf)
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
    <Section title={t`Tokens`} empty={count === 0 && t`None.`}>
      <TokenTable
        label={t`Tokens of ${username}`}
        tokens={data.items}
        holder={t`All permissions of the user`}
        onRevoke={reason === undefined ? (one) => void revoke(one) : undefined}
      />
      {data.nextCursor !== null && (
        <p>
          <Trans>Only the newest {formatNumber(count)} are shown.</Trans>
        </p>
      )}
    </Section>
  )
}
