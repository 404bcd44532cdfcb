/** Offers to end the tokens that a user made in the console, with their number. Nothing where there are none. */
import { tokens } from '@gatehouse/contract/identity/tokens'
import { Checkbox, type CheckboxProps } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { queryFor } from '../../api/queries.ts'
import { useSession } from '../../api/session.ts'
import { endTokensLabel } from '../tokens/token-words.ts'

export function EndTokens({ userId, ...checkbox }: CheckboxProps & { userId: string }) {
  const { can } = useSession()
  const maySee = can(tokens.listOf, { id: userId })
  const { data, isPending } = useQuery({
    ...queryFor(tokens.listOf, { params: { id: userId }, search: { limit: 1 } }),
    enabled: maySee,
  })
  if (maySee && (isPending || data?.madeInConsole === 0)) return null
  return <Checkbox label={endTokensLabel(data?.madeInConsole ?? null)} {...checkbox} />
}
