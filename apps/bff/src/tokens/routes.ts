import type { tokens } from '@gatehouse/contract/tokens'
import { Problem } from '../base/problem.ts'
import type { Bindings } from '../http/handle.ts'
import { findUser } from '../users/store.ts'
import { createToken, mayHaveTokens, revokeOwnToken, revokeTokenOf, type TokensContext } from './service.ts'
import { listTokensOf } from './store.ts'

export function tokenRoutes(context: TokensContext): Bindings<typeof tokens> {
  const { reader } = context
  return {
    list: async ({ caller: { userId }, search }) => ({
      ...(await listTokensOf(reader, userId, search)),
      hasGrant: await mayHaveTokens(reader, userId),
    }),
    create: ({ body, ...by }) => createToken(context, body, by),
    revoke: ({ params, ...by }) => revokeOwnToken(context, params.id, by),
    listOf: async ({ params: { id }, search }) => {
      if (!(await findUser(reader, id))) throw new Problem('not_found')
      return listTokensOf(reader, id, search)
    },
    revokeOf: ({ params, ...by }) => revokeTokenOf(context, params, by),
  }
}
