import { tokens } from '@gatehouse/contract/identity/tokens'
import * as z from 'zod/mini'
import { listParameters, parameter } from '../ui/list-parameters.ts'

/** The URL of the page: the list, and whether the dialog is open. */
export const TokensSearch = z.object({
  ...listParameters(tokens.list.search.shape.sort),
  create: parameter(z.string()),
})
export type TokensSearch = z.output<typeof TokensSearch>
