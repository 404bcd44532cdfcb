import type { tokens } from '@gatehouse/contract/identity/tokens'
import type { Parsed } from '@gatehouse/contract/route'
import { timestamp } from '../../platform/base/clock.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Bindings } from '../../platform/http/handle.ts'
import { findUser } from '../users/store.ts'
import { createToken, mayHaveTokens, revokeOwnToken, revokeTokenOf, type TokensContext } from './service.ts'
import { listTokensOf } from './store.ts'

export function tokenRoutes(context: TokensContext): Bindings<typeof tokens> {
  const { reader, clock } = context
  const list = (userId: string, filters: Parsed<typeof tokens.list>['search']) =>
    listTokensOf(reader, { userId, filters, now: timestamp(clock) })
  return {
    list: async ({ caller: { userId }, search }) => ({
      ...(await list(userId, search)),
      hasGrant: await mayHaveTokens(reader, userId),
    }),
    create: ({ body, ...by }) => createToken(context, body, by),
    revoke: ({ params, ...by }) => revokeOwnToken(context, params.id, by),
    listOf: async ({ params: { id }, search }) => {
      if (!(await findUser(reader, id))) throw new Problem('not_found')
      return list(id, search)
    },
    revokeOf: ({ params, ...by }) => revokeTokenOf(context, params, by),
  }
}
